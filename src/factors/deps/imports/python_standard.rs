//! What Python itself brings, in its third and in its second line.

use super::Import;

/// Top-level modules of the standard library in any of Python 3.8 to 3.14, from `sys.stdlib_module_names` and the
/// "What's New" lists of additions and removals.
const STANDARD: &str = "\
__future__ __main__ _ast _collections_abc _csv _ctypes _io _operator _socket _ssl _thread _typeshed \
_weakrefset _winapi abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore \
atexit audioop base64 bdb binascii binhex bisect builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd \
code codecs codeop collections colorsys compileall compression concurrent configparser contextlib \
contextvars copy copyreg crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils \
doctest dummy_threading email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch \
formatter fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib \
heapq hmac html http idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json keyword \
lib2to3 linecache locale logging lzma macpath mailbox mailcap marshal math mimetypes mmap modulefinder \
msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode operator optparse os \
ossaudiodev parser pathlib pdb pickle pickletools pipes pkgutil platform plistlib poplib posix posixpath \
pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline \
reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd \
smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics \
string stringprep struct subprocess sunau symbol symtable sys sysconfig syslog tabnanny tarfile telnetlib \
tempfile termios test textwrap this threading time timeit tkinter token tokenize tomllib trace traceback \
tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uu uuid venv warnings wave \
weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo";

/// Top-level modules of Python 2.7 that Python 3 renamed or took out (PEP 3108, and the index of modules of 2.7).
const OF_PYTHON_2: &str = "\
BaseHTTPServer Bastion CGIHTTPServer ConfigParser Cookie DocXMLRPCServer HTMLParser MimeWriter Queue \
SimpleHTTPServer SimpleXMLRPCServer SocketServer StringIO Tix Tkinter UserDict UserList UserString __builtin__ anydbm \
bsddb cPickle cStringIO commands compiler cookielib copy_reg dbhash dircache dl dumbdbm dummy_thread exceptions fpformat \
future_builtins gdbm hotshot htmlentitydefs htmllib httplib ihooks imputil linuxaudiodev markupbase md5 mhlib mimetools \
mimify multifile mutex new os2emxpath popen2 posixfile repr rexec rfc822 robotparser sets sgmllib sha statvfs stringold \
sunaudio tkColorChooser tkCommonDialog tkFileDialog tkFont tkMessageBox tkSimpleDialog thread toaiff ttk urllib2 urlparse \
user whichdb xmllib xmlrpclib";

/// Of these, names that no package of Python 3 is imported by: who asks for one is written for Python 2.
const ONLY_OF_PYTHON_2: [&str; 16] = [
    "BaseHTTPServer",
    "ConfigParser",
    "HTMLParser",
    "SimpleHTTPServer",
    "SocketServer",
    "StringIO",
    "Tkinter",
    "__builtin__",
    "cPickle",
    "cStringIO",
    "cookielib",
    "httplib",
    "sets",
    "urllib2",
    "urlparse",
    "xmlrpclib",
];

/// Whether Python brings it. What begins with an underscore is an interpreter's own.
pub fn is_standard(module: &str) -> bool {
    module.starts_with('_') || STANDARD.split_ascii_whitespace().any(|name| name == module)
}

/// Takes out what Python 2 brings, where a file is written for it: by what it imports, or by statements that Python 3
/// does not take.
pub fn without_python_2(text: &str, imports: &mut Vec<Import>) {
    let is_of_2 = |import: &Import| OF_PYTHON_2.split_ascii_whitespace().any(|name| name == import.name);
    if !imports.iter().any(is_of_2) {
        return;
    }
    let asks = imports.iter().any(|import| ONLY_OF_PYTHON_2.contains(&import.name.as_str()));
    if asks || text.lines().any(is_statement_of_2) {
        imports.retain(|import| !is_of_2(import));
    }
}

/// `print "x"`, `except Error, error:`, `raise Error, "x"`.
fn is_statement_of_2(line: &str) -> bool {
    let line = line.trim_start();
    let prints = line.strip_prefix("print ").is_some_and(|rest| rest.trim_start().starts_with(['"', '\'']));
    let has_comma = |word: &str| {
        let rest = line.strip_prefix(word).unwrap_or_default();
        let name = rest.find(|letter: char| !letter.is_alphanumeric() && !"_.".contains(letter));
        name.is_some_and(|end| end > 0 && rest[end..].starts_with(", "))
    };
    prints || has_comma("except ") || has_comma("raise ")
}
