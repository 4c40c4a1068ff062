//! Files that exist to hold logins, by the manuals of the programs that read them: what stands in one is somebody's, however
//! weak it is and whatever word it is made of.

use super::hits::Hit;
use super::password::by_place;
use super::source::Source;
use super::values;

/// Git's credential store, netrc(5) and Emacs' authinfo, the password files of `PostgreSQL`, `MySQL` and CVS, clients of
/// SMTP, POP and IMAP, uploads to `PyPI` and S3, `FileZilla`'s and the editors' lists of servers.
#[rustfmt::skip]
const STORES: &[&str] = &[
    ".git-credentials", ".netrc", "_netrc", ".authinfo", ".pgpass", "pgpass", "pgpass.conf", ".my.cnf", ".cvspass",
    ".esmtprc", ".msmtprc", ".fetchmailrc", ".getmailrc", ".pypirc", ".s3cfg", "filezilla.xml", "sitemanager.xml",
    "recentservers.xml", ".ftpconfig", ".ftppass", "sftp.json", "sftp-config.json", ".remote-sync.json", "webservers.xml",
];

/// Whether the file is one of these.
pub fn keeps_logins(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    STORES.contains(&name.as_str())
}

/// Whether words follow words in it, as in netrc(5): `password PASSWORD`.
pub fn is_of_words(source: &Source<'_>) -> bool {
    let name = source.path.rsplit('/').next().unwrap_or_default();
    name.contains("netrc") || source.keeps_logins && (name.ends_with("rc") || name == ".authinfo")
}

/// Files in which the place within a line, or the file as a whole, says what is secret: `pgpass`, `htpasswd`, `shadow`, user
/// files of .NET and `ProFTPD`, the master key of Rails' encrypted credentials.
pub fn look(source: &Source<'_>, hits: &mut Vec<Hit>) {
    let name = source.path.rsplit('/').next().unwrap_or_default();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match name {
        ".pgpass" | "pgpass.conf" | "pgpass" => fields(source, 4, hits),
        "master.key" => rails_key(source, hits),
        _ if extension == "key" && source.path.contains("credentials/") => rails_key(source, hits),
        _ if ["htpasswd", "shadow", "passwd", ".cvspass"].iter().any(|part| name.contains(part)) => {
            fields(source, 1, hits);
        }
        _ => {}
    }
}

/// The password is the field after so many colons.
fn fields(source: &Source<'_>, field: usize, hits: &mut Vec<Hit>) {
    let mut at = 0;
    for line in source.text.split_inclusive(|b| *b == b'\n') {
        let start = at;
        at += line.len();
        let mut fields = line.trim_ascii_end().splitn(field + 2, |b| *b == b':');
        let before: usize = fields.by_ref().take(field).map(|f| f.len() + 1).sum();
        let Some(value) = fields.next().filter(|value| value.len() > 3 && line[0] != b'#') else { continue };
        if field == 4 || values::is_crypt(value) || is_des(value) {
            let span = start + before..start + before + value.len();
            hits.push(by_place(source, span, "the line", "PGPASSFILE"));
        }
    }
}

/// The traditional digest of `crypt(3)`: 13 characters, letters and digits both.
fn is_des(value: &[u8]) -> bool {
    value.len() == 13
        && value.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/'))
        && value.iter().any(u8::is_ascii_digit)
}

/// 32 hexadecimal digits and nothing else, as Rails' guide on security has it.
fn rails_key(source: &Source<'_>, hits: &mut Vec<Hit>) {
    let key = source.text.trim_ascii_end();
    if key.len() == 32 && key.iter().all(u8::is_ascii_hexdigit) {
        hits.push(by_place(source, 0..key.len(), "the file", "RAILS_MASTER_KEY"));
    }
}
