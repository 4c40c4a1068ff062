//! What Python itself brings, and which distribution brings an import that has another name.

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

/// Import, and the distributions that bring it. From the documentation of each.
const DISTRIBUTIONS: [(&str, &str); 108] = [
    ("apt", "python-apt"),
    ("attr", "attrs"),
    ("attrs", "attrs"),
    ("bs4", "beautifulsoup4"),
    ("bson", "pymongo"),
    ("Crypto", "pycryptodome pycrypto"),
    ("Cryptodome", "pycryptodomex"),
    ("Levenshtein", "levenshtein python-levenshtein"),
    ("MySQLdb", "mysqlclient"),
    ("OpenSSL", "pyopenssl"),
    ("PIL", "pillow pillow-simd"),
    ("OpenGL", "pyopengl"),
    ("Xlib", "python-xlib"),
    ("absl", "absl-py"),
    ("allauth", "django-allauth"),
    ("antlr4", "antlr4-python3-runtime"),
    ("bitarray", "bitarray"),
    ("braintree", "braintree"),
    ("cairo", "pycairo"),
    ("celery", "celery"),
    ("channels", "channels"),
    ("clr", "pythonnet"),
    ("corsheaders", "django-cors-headers"),
    ("crispy_forms", "django-crispy-forms"),
    ("cv2", "opencv-python opencv-python-headless opencv-contrib-python opencv-contrib-python-headless"),
    ("dateutil", "python-dateutil"),
    ("dbus", "dbus-python"),
    ("debug_toolbar", "django-debug-toolbar"),
    ("decouple", "python-decouple"),
    ("discord", "discord-py py-cord"),
    ("dj_database_url", "dj-database-url"),
    ("django_celery_beat", "django-celery-beat"),
    ("django_extensions", "django-extensions"),
    ("django_filters", "django-filter"),
    ("dns", "dnspython"),
    ("docx", "python-docx"),
    ("dotenv", "python-dotenv"),
    ("elasticsearch_dsl", "elasticsearch-dsl"),
    ("environ", "django-environ environ-config"),
    ("faiss", "faiss-cpu faiss-gpu"),
    ("fitz", "pymupdf"),
    ("flask_cors", "flask-cors"),
    ("flask_login", "flask-login"),
    ("flask_migrate", "flask-migrate"),
    ("flask_sqlalchemy", "flask-sqlalchemy"),
    ("fontTools", "fonttools"),
    ("gi", "pygobject"),
    ("git", "gitpython"),
    ("github", "pygithub"),
    ("gitlab", "python-gitlab"),
    ("gridfs", "pymongo"),
    ("haystack", "django-haystack haystack-ai farm-haystack"),
    ("humanfriendly", "humanfriendly"),
    ("i18n", "python-i18n"),
    ("igraph", "igraph python-igraph"),
    ("imagekit", "django-imagekit"),
    ("impala", "impyla"),
    ("itsdangerous", "itsdangerous"),
    ("jose", "python-jose"),
    ("jwt", "pyjwt"),
    ("kafka", "kafka-python kafka-python-ng"),
    ("keycloak", "python-keycloak"),
    ("ldap", "python-ldap"),
    ("ldap3", "ldap3"),
    ("magic", "python-magic file-magic"),
    ("markdown", "markdown"),
    ("memcache", "python-memcached"),
    ("mock", "mock"),
    ("model_utils", "django-model-utils"),
    ("mysql", "mysql-connector-python mysql-connector"),
    ("nacl", "pynacl"),
    ("oauth2client", "oauth2client"),
    ("oauth2_provider", "django-oauth-toolkit"),
    ("odf", "odfpy"),
    ("parsedatetime", "parsedatetime"),
    ("past", "future"),
    ("pkg_resources", "setuptools"),
    ("pptx", "python-pptx"),
    ("psycopg2", "psycopg2 psycopg2-binary"),
    ("psycopg", "psycopg psycopg-binary psycopg-c"),
    ("pylab", "matplotlib"),
    ("pymysql", "pymysql"),
    ("pythoncom", "pywin32"),
    ("pywintypes", "pywin32"),
    ("redis", "redis"),
    ("rest_framework", "djangorestframework"),
    ("rest_framework_simplejwt", "djangorestframework-simplejwt"),
    ("samba", "samba"),
    ("sentry_sdk", "sentry-sdk"),
    ("serial", "pyserial"),
    ("skimage", "scikit-image"),
    ("sklearn", "scikit-learn"),
    ("slack", "slackclient"),
    ("slugify", "python-slugify"),
    ("snappy", "python-snappy"),
    ("socketio", "python-socketio"),
    ("socks", "pysocks"),
    ("storages", "django-storages"),
    ("tables", "tables"),
    ("telegram", "python-telegram-bot"),
    ("tlz", "toolz cytoolz"),
    ("usb", "pyusb"),
    ("vlc", "python-vlc"),
    ("win32api", "pywin32"),
    ("win32com", "pywin32"),
    ("xdist", "pytest-xdist"),
    ("yaml", "pyyaml"),
    ("zmq", "pyzmq"),
];

/// Packages that many distributions fill together: any of `google-cloud-storage`, `protobuf`, … brings `google`.
const NAMESPACES: [(&str, &str); 14] = [
    ("google", "google- googleapis- protobuf grpc-google- gcloud firebase-"),
    ("googleapiclient", "google-api-python-client"),
    ("azure", "azure-"),
    ("opentelemetry", "opentelemetry-"),
    ("zope", "zope-"),
    ("ruamel", "ruamel-"),
    ("jaraco", "jaraco-"),
    ("backports", "backports-"),
    ("sphinxcontrib", "sphinxcontrib-"),
    ("airflow", "apache-airflow"),
    ("beam", "apache-beam"),
    ("aws_cdk", "aws-cdk-"),
    ("mpl_toolkits", "matplotlib"),
    ("grpc", "grpcio"),
];

/// Whether Python brings it. What begins with an underscore is an interpreter's own.
pub fn is_standard(module: &str) -> bool {
    module.starts_with('_') || STANDARD.split_ascii_whitespace().any(|name| name == module)
}

/// The distribution that a missing import most likely needs, when it is known.
pub fn distribution(module: &str) -> Option<&'static str> {
    let (_, names) = DISTRIBUTIONS.iter().find(|(import, _)| *import == module)?;
    names.split(' ').next()
}

/// Whether a distribution (normalised) brings an import.
pub fn brings(distribution: &str, module: &str) -> bool {
    if let Some((_, begins)) = NAMESPACES.iter().find(|(import, _)| *import == module) {
        return begins.split(' ').any(|begin| distribution.starts_with(begin));
    }
    let listed = DISTRIBUTIONS.iter().find(|(import, _)| *import == module);
    if listed.is_some_and(|(_, names)| names.split(' ').any(|name| name == distribution)) {
        return true;
    }
    // `python-x`, `pyx` and `x-python` most often bring `x`.
    let plain = |name: &str| name.replace(['-', '_', '.'], "").to_lowercase();
    let (distribution, module) = (plain(distribution), plain(module));
    let bare = |name: &str| {
        let name = name.strip_prefix("python").unwrap_or(name);
        name.strip_suffix("python").unwrap_or(name).to_owned()
    };
    distribution == module
        || bare(&distribution) == module
        || distribution.strip_prefix("py") == Some(&module)
        || distribution.strip_suffix("py") == Some(&module)
}
