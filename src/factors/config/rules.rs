//! The rules that are not keys: what each finds, why it matters, how it is cured.

use crate::factors::finding::{Factor, Level, Rule};

macro_rules! rules {
    ($($name:ident: $id:literal $level:ident $summary:literal $explain:literal;)*) => {
        $(pub static $name: Rule = Rule { id: $id, factor: Factor::Config, level: Level::$level, summary: $summary, explain: $explain };)*
        /// In the order in which they are documented.
        pub static ALL: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    DB_URL: "config/db-url" Error
        "finds a user and password in the URL or connection string of a service"
        "A database is a backing service: which one it is, and how to get in, belongs to the deployment. Found are URLs of every scheme with \
         user and password (RFC 3986, userinfo), also with an empty user; JDBC, ADO.NET, ODBC and libpq strings; and Go's MySQL DSN. A password \
         that is put in later (`${X}`, `%s`) is not found. One that reads like an example is a warning in program source, and nothing elsewhere.\n\n\
         To cure it: read the whole URL from one variable, and change the password, for it is known.";
    PEM: "config/key-pem" Error
        "finds a private key in PEM or PGP armour"
        "A private key in a file is everybody's who can read the file. Found are keys by their first line (RFC 7468; RFC 4880 for PGP; OpenSSH's \
         PROTOCOL.key; PuTTY's .ppk), over several lines or with `\\n` in a string, when a body follows.\n\nTo cure it: make a new key, and \
         pass its path or its text in the environment.";
    JWT: "config/key-jwt" Error
        "finds a signed JSON web token"
        "A token that is signed opens what it was issued for until it expires (RFC 7519). Its first part is decoded, and must name an algorithm. \
         The token of the well-known example (John Doe) is not found.\n\nTo cure it: ask for a token when the app runs, or read it from the \
         environment.";
    PASSWORD: "config/password" Error
        "finds a literal value under a name that says password, secret or token"
        "Found are quoted values in programs, bare ones in configuration files, headers (`Authorization: Bearer …`), command lines (`curl -u`, \
         `PGPASSWORD=`), and password files. Not found are values that are put in later, calls, paths, sentences, words that stand for a \
         secret, examples, UUIDs and digests under a weak name, and names that speak about a secret (`password_hint`, `token_ttl`). A \
         password that everybody knows (`changeit`) is a warning in what is run, and nothing elsewhere.\n\nTo cure it: \
         read the value from the environment, and change it, for it is known.";
    ENV_DEFAULT: "config/env-default" Error
        "finds a secret or a production URL as the default of an environment read"
        "A default is used when the variable was forgotten. A secret there is in the code after all, and an app that should have refused to \
         start runs with it; a production URL there lets a laptop write to production.\n\nTo cure it: require the variable, and let the app \
         end when it is missing. A local default (sqlite, localhost) is fine.";
    DOTENV_COMMITTED: "config/dotenv-committed" Error
        "finds a .env with values among the tracked files"
        "A .env is the environment of one deployment. Under version control it becomes a group of settings that everybody shares, and its \
         secrets stay in the history.\n\nTo cure it: `git rm --cached .env`, add it to .gitignore, commit a .env.example without values, and \
         change what was secret.";
    KEY_PLACEHOLDER: "config/key-placeholder" Warn
        "finds something in the shape of a key that stands for one"
        "It is no key, but it is where one will be written: whoever makes this work will put the real key into the source. In documentation and \
         `.env.example` that is what it is for, and it is not found there.\n\nTo cure it: read the key from the environment.";
    HOST: "config/host" Warn
        "finds a host name as the value of a host-like name in program source"
        "Where a service is differs from deployment to deployment. Found are literals under names such as `HOST`, `db_server` or `endpoint`. \
         In tests it is a note.\n\nTo cure it: read it from the environment; a local default is fine.";
    IP: "config/ip" Warn
        "finds an IP address as the value of a host-like name or argument in program source"
        "An address is of one machine in one network. Not found are addresses to listen on (0.0.0.0), masks, and the ranges kept for \
         documentation (RFC 5737). In tests it is a note.\n\nTo cure it: read it from the environment.";
    SERVICE_URL: "config/service-url" Warn
        "finds the URL of a service as a literal in program source"
        "Which service an app talks to is configuration. Found are URLs with a service's scheme, with a path or host of an API, or under a name \
         that says URL or endpoint. Not found are comments, documentation, namespaces, keys of maps, what a bundler made, and example domains (RFC 2606). \
         In tests, and in scripts that are served or were copied in, it is a note. Five or more of one host in a file are told as one.\n\n\
         To cure it: read it from the environment.";
    ENV_GROUP: "config/env-group" Warn
        "finds code that branches on the name of the environment"
        "The factor's text forbids groups: with development, staging and production in the code, each new deployment needs a new branch, and \
         what runs in one was never run in another. Found are comparisons of an environment's name with such a word.\n\nTo cure it: \
         one variable for each thing that differs.";
}
