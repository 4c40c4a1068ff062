//! Which distribution brings an import of Python that has another name.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Imports, and the distributions that bring them, the likeliest first. From the documentation of each.
const DISTRIBUTIONS: &[(&str, &str)] = &[
    ("absl", "absl-py"),
    ("actstream", "django-activity-stream"),
    ("Adafruit_DHT", "adafruit-dht"),
    ("admin_auto_filters", "django-admin-autocomplete-filter"),
    ("adminsortable", "django-admin-sortable"),
    ("ajax_select", "django-ajax-selects"),
    ("allauth", "django-allauth"),
    ("amplitude", "amplitude-analytics"),
    ("ansible", "ansible ansible-core"),
    ("antlr4", "antlr4-python3-runtime"),
    ("anymail", "django-anymail"),
    ("apiclient", "google-api-python-client"),
    ("apt", "python-apt"),
    ("arango", "python-arango"),
    ("argon2", "argon2-cffi"),
    ("atlassian", "atlassian-python-api"),
    ("attr attrs", "attrs"),
    ("axes", "django-axes"),
    ("barcode", "python-barcode"),
    ("bayes_opt", "bayesian-optimization"),
    ("benedict", "python-benedict"),
    ("binance", "python-binance"),
    ("Bio", "biopython"),
    ("bitarray", "bitarray"),
    ("bluetooth", "pybluez"),
    ("bmemcached", "python-binary-memcached"),
    ("board busio digitalio", "adafruit-blinka"),
    ("borg", "borgbackup"),
    ("box", "python-box"),
    ("braintree", "braintree"),
    ("bs4", "beautifulsoup4"),
    ("bson gridfs", "pymongo"),
    ("cairo", "pycairo"),
    ("camelot", "camelot-py"),
    ("can", "python-can"),
    ("captcha", "django-simple-captcha django-recaptcha captcha"),
    ("cassandra", "cassandra-driver scylla-driver"),
    ("cattr cattrs", "cattrs"),
    ("celery", "celery"),
    ("cfnlint", "cfn-lint"),
    ("channels", "channels"),
    ("ckeditor_uploader", "django-ckeditor"),
    ("clr", "pythonnet"),
    ("community", "python-louvain"),
    ("compressor", "django-compressor"),
    ("configobj validate", "configobj"),
    ("consul", "python-consul python-consul2"),
    ("corsheaders", "django-cors-headers"),
    ("crispy_forms", "django-crispy-forms"),
    ("crontab", "python-crontab crontab"),
    ("Crypto", "pycryptodome pycrypto"),
    ("Cryptodome", "pycryptodomex"),
    ("curl", "pycurl"),
    ("cv2", "opencv-python opencv-python-headless opencv-contrib-python opencv-contrib-python-headless"),
    ("daemon", "python-daemon"),
    ("dateutil", "python-dateutil"),
    ("dbtlabs", "dbt-protos"),
    ("dbus", "dbus-python"),
    ("debug_toolbar", "django-debug-toolbar"),
    ("decouple", "python-decouple"),
    ("delta", "delta-spark"),
    ("discord", "discord-py py-cord"),
    ("dj_database_url", "dj-database-url"),
    ("django_celery_beat", "django-celery-beat"),
    ("django_extensions", "django-extensions"),
    ("django_filters", "django-filter"),
    ("django_gravatar", "django-gravatar2"),
    ("django_q", "django-q django-q2"),
    ("djcelery", "django-celery"),
    ("djmoney", "django-money"),
    ("dns", "dnspython"),
    ("docker", "docker docker-py"),
    ("docx", "python-docx"),
    ("dotenv", "python-dotenv"),
    ("easy_thumbnails", "easy-thumbnails"),
    ("ebooklib", "ebooklib"),
    ("elasticsearch_dsl", "elasticsearch-dsl"),
    ("enchant", "pyenchant"),
    ("engineio", "python-engineio"),
    ("environ", "django-environ environ-config"),
    ("es", "elasticsearch-dbapi"),
    ("etcd", "python-etcd"),
    ("facebook", "facebook-sdk"),
    ("factory", "factory-boy"),
    ("faiss", "faiss-cpu faiss-gpu"),
    ("ffmpeg", "ffmpeg-python"),
    ("fitz", "pymupdf"),
    ("flask_cors", "flask-cors"),
    ("flask_login", "flask-login"),
    ("flask_migrate", "flask-migrate"),
    ("flask_security", "flask-security flask-security-too"),
    ("flask_sqlalchemy", "flask-sqlalchemy"),
    ("flask_uploads", "flask-uploads flask-reuploaded"),
    ("fontTools", "fonttools"),
    ("fpdf", "fpdf2 fpdf"),
    ("frontmatter", "python-frontmatter"),
    ("fuse", "fusepy fuse-python"),
    ("gi", "pygobject"),
    ("gin", "gin-config"),
    ("git", "gitpython"),
    ("github", "pygithub"),
    ("github3", "github3-py"),
    ("gitlab", "python-gitlab"),
    ("gnupg", "python-gnupg"),
    ("graphql", "graphql-core"),
    ("graphql_jwt", "django-graphql-jwt"),
    ("gremlin_python", "gremlinpython"),
    ("grpc_health", "grpcio-health-checking"),
    ("grpc_reflection", "grpcio-reflection"),
    ("grpc_status", "grpcio-status"),
    ("grpc_tools", "grpcio-tools"),
    ("guardian", "django-guardian"),
    ("haiku", "dm-haiku"),
    ("haystack", "django-haystack haystack-ai farm-haystack"),
    ("hcl2", "python-hcl2"),
    ("hid", "hidapi hid"),
    ("hubspot", "hubspot-api-client"),
    ("humanfriendly", "humanfriendly"),
    ("hunspell", "hunspell cyhunspell"),
    ("hydra", "hydra-core"),
    ("i18n", "python-i18n"),
    ("ibm_db_dbi", "ibm-db"),
    ("ignite", "pytorch-ignite"),
    ("igraph", "igraph python-igraph"),
    ("imagekit", "django-imagekit"),
    ("imblearn", "imbalanced-learn"),
    ("impala", "impyla"),
    ("import_export", "django-import-export"),
    ("iptc", "python-iptables"),
    ("itsdangerous", "itsdangerous"),
    ("jenkins", "python-jenkins"),
    ("jks", "pyjks"),
    ("jose", "python-jose"),
    ("jpype", "jpype1"),
    ("json_logic", "json-logic json-logic-qubit panzi-json-logic"),
    ("jsonrpc", "json-rpc"),
    ("jsonrpclib", "jsonrpclib-pelix"),
    ("jwcrypto", "jwcrypto"),
    ("jwt", "pyjwt"),
    ("kafka", "kafka-python kafka-python-ng"),
    ("keycloak", "python-keycloak"),
    ("knox", "django-rest-knox"),
    ("ldap", "python-ldap"),
    ("ldap3", "ldap3"),
    ("ldclient", "launchdarkly-server-sdk"),
    ("Levenshtein", "levenshtein python-levenshtein"),
    ("libvirt", "libvirt-python"),
    ("llama_cpp", "llama-cpp-python"),
    ("logstash", "python-logstash"),
    ("magic", "python-magic file-magic"),
    ("markdown", "markdown"),
    ("MeCab", "mecab-python3"),
    ("memcache", "python-memcached"),
    ("memory_profiler", "memory-profiler"),
    ("mock", "mock"),
    ("model_utils", "django-model-utils"),
    ("mollie", "mollie-api-python"),
    ("mpd", "python-mpd2"),
    ("mptt", "django-mptt"),
    ("msgpack", "msgpack msgpack-python"),
    ("msoffcrypto", "msoffcrypto-tool"),
    ("multipart", "python-multipart multipart"),
    ("mysql", "mysql-connector-python mysql-connector"),
    ("MySQLdb", "mysqlclient"),
    ("nacl", "pynacl"),
    ("nats", "nats-py"),
    ("neo4j", "neo4j neo4j-driver"),
    ("newspaper", "newspaper3k newspaper4k"),
    ("nmap", "python-nmap"),
    ("novaclient", "python-novaclient"),
    ("oauth2_provider", "django-oauth-toolkit"),
    ("oauth2client", "oauth2client"),
    ("odf", "odfpy"),
    ("onelogin", "python3-saml python-saml"),
    ("opencc", "opencc opencc-python-reimplemented"),
    ("OpenGL", "pyopengl"),
    ("opensearchpy", "opensearch-py"),
    ("OpenSSL", "pyopenssl"),
    ("openstack", "openstacksdk"),
    ("osgeo", "gdal"),
    ("paho", "paho-mqtt"),
    ("pam", "python-pam"),
    ("parsedatetime", "parsedatetime"),
    ("past", "future"),
    ("patoolib", "patool"),
    ("paypalcheckoutsdk", "paypal-checkout-serversdk"),
    ("paypalhttp", "paypalhttp paypal-checkout-serversdk"),
    ("pdfminer", "pdfminer-six pdfminer"),
    ("phonenumber_field", "django-phonenumber-field"),
    ("phonenumbers", "phonenumbers phonenumberslite"),
    ("PIL", "pillow pillow-simd"),
    ("pinecone", "pinecone pinecone-client"),
    ("piptools", "pip-tools"),
    ("pkg_resources", "setuptools"),
    ("plaid", "plaid-python"),
    ("playhouse", "peewee"),
    ("pptx", "python-pptx"),
    ("progressbar", "progressbar2 progressbar"),
    ("proto", "proto-plus"),
    ("psycopg", "psycopg psycopg-binary psycopg-c"),
    ("psycopg2", "psycopg2 psycopg2-binary"),
    ("psycopg_pool", "psycopg-pool"),
    ("pulsar", "pulsar-client"),
    ("pycountry", "pycountry"),
    ("pycrfsuite", "python-crfsuite"),
    ("pygame", "pygame pygame-ce"),
    ("pylab", "matplotlib"),
    ("pymysql", "pymysql"),
    ("pyppeteer", "pyppeteer pyppeteer2 pyppeteer-ng"),
    (
        "pythoncom pythonwin pywintypes servicemanager win32api win32clipboard win32com win32comext win32con \
         win32console win32cred win32crypt win32event win32evtlog win32evtlogutil win32file win32gui win32gui_struct \
         win32inet win32job win32net win32netcon win32pdh win32pdhutil win32pipe win32print win32process win32profile \
         win32ras win32security win32service win32serviceutil win32timezone win32trace win32transaction win32ts \
         win32ui win32uiole win32wnet winerror winioctlcon winnt winperf winxptheme",
        "pywin32",
    ),
    ("pythonjsonlogger", "python-json-logger"),
    ("pytorch_lightning", "pytorch-lightning lightning"),
    ("pyVim pyVmomi", "pyvmomi"),
    ("pywt", "pywavelets"),
    ("rangefilter", "django-admin-rangefilter"),
    ("rapidjson", "python-rapidjson"),
    ("re2", "google-re2 pyre2"),
    ("readability", "readability-lxml"),
    ("redis", "redis"),
    ("registration", "django-registration django-registration-redux"),
    ("rest_framework", "djangorestframework"),
    ("rest_framework_extensions", "drf-extensions"),
    ("rest_framework_json_api", "djangorestframework-jsonapi"),
    ("rest_framework_jwt", "djangorestframework-jwt drf-jwt"),
    ("rest_framework_nested", "drf-nested-routers"),
    ("rest_framework_simplejwt", "djangorestframework-simplejwt"),
    ("rest_framework_swagger", "django-rest-swagger"),
    ("reversion", "django-reversion"),
    ("robot", "robotframework"),
    ("rocksdb", "python-rocksdb"),
    ("RPi", "rpi-gpio"),
    ("samba", "samba"),
    ("saml2", "pysaml2"),
    ("samtranslator", "aws-sam-translator"),
    ("sass sassutils", "libsass"),
    ("sentry_sdk", "sentry-sdk"),
    ("serial", "pyserial"),
    ("shapefile", "pyshp"),
    ("shopify", "shopifyapi"),
    ("simple_history", "django-simple-history"),
    ("skbio", "scikit-bio"),
    ("skimage", "scikit-image"),
    ("sklearn", "scikit-learn"),
    ("skopt", "scikit-optimize"),
    ("sksurv", "scikit-survival"),
    ("slack", "slackclient"),
    ("slugify", "python-slugify"),
    ("smb", "pysmb"),
    ("smbclient", "smbprotocol"),
    ("snap7", "python-snap7"),
    ("snappy", "python-snappy"),
    ("social_core", "social-auth-core"),
    ("social_django", "social-auth-app-django"),
    ("socketio", "python-socketio"),
    ("socks sockshandler", "pysocks"),
    ("sonnet", "dm-sonnet"),
    ("sorl", "sorl-thumbnail"),
    ("soundfile", "soundfile pysoundfile"),
    ("speech_recognition", "speechrecognition"),
    ("spellchecker", "pyspellchecker"),
    ("sqlcipher3", "sqlcipher3 sqlcipher3-binary sqlcipher3-wheels"),
    ("square", "squareup"),
    ("sseclient", "sseclient sseclient-py"),
    ("stdnum", "python-stdnum"),
    ("stomp", "stomp-py"),
    ("storages", "django-storages"),
    ("strawberry", "strawberry-graphql"),
    ("suds", "suds suds-community suds-jurko"),
    ("tables", "tables"),
    ("tabula", "tabula-py"),
    ("taggit", "django-taggit"),
    ("talib", "ta-lib"),
    ("TCLIService pyhive", "pyhive"),
    ("telebot", "pytelegrambotapi"),
    ("telegram", "python-telegram-bot"),
    ("tensorflow", "tensorflow tensorflow-cpu tensorflow-gpu tensorflow-intel tensorflow-macos"),
    ("tg", "turbogears2"),
    ("timezone_field", "django-timezone-field"),
    ("tlz", "toolz cytoolz"),
    ("tortoise", "tortoise-orm"),
    ("translate", "translate-toolkit translate"),
    ("tree", "dm-tree"),
    ("trello", "py-trello"),
    ("twitter", "python-twitter"),
    ("two_factor", "django-two-factor-auth"),
    ("umap", "umap-learn"),
    ("umsgpack", "u-msgpack-python"),
    ("usb", "pyusb"),
    ("uwsgidecorators", "uwsgi"),
    ("vcr", "vcrpy"),
    ("vlc", "python-vlc"),
    ("waffle", "django-waffle"),
    ("weaviate", "weaviate-client"),
    ("web", "web-py"),
    ("websocket", "websocket-client"),
    ("whisper", "openai-whisper"),
    ("whois", "python-whois"),
    ("winrm", "pywinrm"),
    ("wx", "wxpython"),
    ("xapian", "xapian-bindings"),
    ("xdist", "pytest-xdist"),
    ("Xlib", "python-xlib"),
    ("xrpl", "xrpl-py"),
    ("yaml", "pyyaml"),
    ("zipline", "zipline-reloaded zipline"),
    ("zmq", "pyzmq"),
];

/// Packages that many distributions fill: any of `google-cloud-storage`, `protobuf`, … brings `google`.
const NAMESPACES: &[(&str, &str)] = &[
    ("google", "google- googleapis- protobuf grpc-google- gcloud firebase-"),
    ("googleapiclient", "google-api-python-client"),
    ("azure", "azure-"),
    ("opentelemetry", "opentelemetry-"),
    ("opencensus", "opencensus"),
    ("zope", "zope-"),
    ("plone", "plone-"),
    ("repoze", "repoze-"),
    ("ruamel", "ruamel-"),
    ("jaraco", "jaraco-"),
    ("backports", "backports-"),
    ("sphinxcontrib", "sphinxcontrib-"),
    ("airflow", "apache-airflow"),
    ("aws_cdk", "aws-cdk-"),
    ("cupy", "cupy"),
    ("databricks", "databricks-"),
    ("dbt", "dbt-"),
    ("llama_index", "llama-index"),
    ("mpl_toolkits", "matplotlib"),
    ("grpc", "grpcio"),
    ("nvidia", "nvidia-"),
    ("objc Foundation AppKit Quartz", "pyobjc"),
    ("pyannote", "pyannote-"),
    ("PySide6 shiboken6", "pyside6"),
    ("snowflake", "snowflake-"),
    ("tencentcloud", "tencentcloud-sdk-"),
];

/// Distributions that everybody knows under the name of their import.
const COMMON: &str = "aiohttp alembic anthropic boto3 botocore cachetools celery certifi cffi chardet click \
    cryptography django docker fastapi flask gevent graphene gunicorn h5py httpx idna jinja2 jsonschema kombu \
    langchain lxml mako markupsafe marshmallow matplotlib mypy networkx nltk numpy openai openpyxl pandas paramiko \
    peewee pika plotly prometheus_client psutil pyarrow pydantic pygments pymongo pymysql pyparsing pytest pytz \
    requests rich rq scipy scrapy seaborn selenium setuptools simplejson six spacy sqlalchemy starlette stripe \
    tabulate tensorflow toml torch tornado tqdm transformers twisted typer ujson urllib3 uvicorn websockets \
    werkzeug wtforms xlrd";

/// What an extra of a distribution brings under another name than its own. From the documentation of each.
const EXTRAS: &[(&str, &str, &str)] = &[
    ("celery", "mongodb", "pymongo"),
    ("celery", "sqs", "boto3"),
    ("celery", "zookeeper", "kazoo"),
    ("dask", "dataframe", "pandas"),
    ("dask", "array", "numpy"),
    ("fastapi", "all", "uvicorn httpx jinja2 multipart email_validator itsdangerous yaml orjson ujson"),
    ("fastapi", "standard", "uvicorn httpx jinja2 multipart email_validator"),
    ("flask", "async", "asgiref"),
    ("httpx", "http2", "h2"),
    ("httpx", "socks", "socksio"),
    ("pandas", "excel", "openpyxl xlrd xlsxwriter"),
    ("pydantic", "email", "email_validator"),
    ("pyjwt", "crypto", "cryptography"),
    ("requests", "socks", "socks"),
    ("sqlalchemy", "asyncio", "greenlet"),
    ("sqlalchemy", "mysql", "MySQLdb"),
    ("sqlalchemy", "postgresql", "psycopg2"),
    ("sqlalchemy", "postgresql_asyncpg", "asyncpg"),
    ("sqlalchemy", "postgresql_psycopg", "psycopg"),
    ("sqlalchemy", "postgresql_psycopg2binary", "psycopg2"),
    ("starlette", "full", "httpx itsdangerous jinja2 multipart yaml"),
    ("urllib3", "socks", "socks"),
    ("uvicorn", "standard", "dotenv httptools uvloop watchfiles websockets yaml"),
];

/// The distributions of an import that has a row.
static ROWS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| by_import(DISTRIBUTIONS));

/// How the names begin of those that fill a package together.
static SHARED: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| by_import(NAMESPACES));

fn by_import(rows: &'static [(&'static str, &'static str)]) -> HashMap<&'static str, &'static str> {
    rows.iter().flat_map(|(imports, names)| imports.split(' ').map(|import| (import, *names))).collect()
}

/// The distribution that a missing import most likely needs, when it is known.
pub fn distribution(module: &str) -> Option<&'static str> {
    ROWS.get(module)?.split(' ').next()
}

/// Whether everybody knows the distribution under the name of its import.
pub fn is_common(module: &str) -> bool {
    COMMON.split_ascii_whitespace().any(|common| common == module)
}

/// Whether a distribution (normalised) brings an import.
pub fn brings(distribution: &str, module: &str) -> bool {
    if let Some(begins) = SHARED.get(module) {
        return begins.split(' ').any(|begin| distribution.starts_with(begin));
    }
    if ROWS.get(module).is_some_and(|names| names.split(' ').any(|name| name == distribution)) {
        return true;
    }
    let import = plain(module);
    let is_named = |distribution: &str| is_named_after(&plain(distribution), &import);
    // `x-cpu` and `x-gpu` are builds of `x`.
    let build = distribution.strip_suffix("-cpu").or(distribution.strip_suffix("-gpu"));
    if is_named(distribution) || build.is_some_and(is_named) {
        return true;
    }
    // Extensions of Django REST framework, and the parts of Alibaba's SDK, are called so throughout.
    let of = |package: &str, habits: &[&str]| {
        let rest = module.strip_prefix(package)?;
        let names = habits.iter().filter_map(|habit| distribution.strip_prefix(habit));
        Some(names.into_iter().any(|name| plain(name) == plain(rest)))
    };
    if of("rest_framework_", &["djangorestframework-", "django-rest-framework-", "drf-"]) == Some(true)
        || of("rest_", &["drf-"]) == Some(true)
        || of("aliyunsdk", &["aliyun-python-sdk-"]) == Some(true)
    {
        return true;
    }
    // `django-x` most often brings an app `x`, and `x-core` a part of `x`; not where `x` is known to be another's:
    // `django-redis` does not bring `redis`, nor `langchain-core` `langchain`.
    let part = distribution.strip_prefix("django-").or(distribution.strip_suffix("-core"));
    part.is_some_and(is_named) && !is_common(module) && !ROWS.contains_key(module)
}

/// `python-x`, `pyx` and `x-python` most often bring `x`.
fn is_named_after(distribution: &str, import: &str) -> bool {
    let bare = distribution.strip_prefix("python").unwrap_or(distribution);
    let bare = bare.strip_suffix("python").unwrap_or(bare);
    distribution == import
        || bare == import
        || distribution.strip_prefix("py") == Some(import)
        || distribution.strip_suffix("py") == Some(import)
}

/// Whether a distribution is named after the path that is imported, as far as it goes: `flufl.lock` brings
/// `flufl.lock`, `pyln-client` `pyln.client`. Names of packages that several distributions fill are such paths
/// (PEP 420).
pub fn brings_path(distribution: &str, path: &str) -> bool {
    let named = plain(distribution);
    let ends = path.match_indices('.').map(|(at, _)| at).skip(1).chain([path.len()]);
    path.contains('.') && ends.into_iter().any(|end| is_named_after(&named, &plain(&path[..end])))
}

/// Whether an extra that is asked for brings an import: `celery[redis]` brings `redis`, `psycopg[pool]` `psycopg_pool`.
pub fn extra_brings(distribution: &str, extra: &str, module: &str) -> bool {
    let is_listed = EXTRAS.iter().any(|(of, name, imports)| {
        *of == distribution && *name == extra && imports.split(' ').any(|import| import == module)
    });
    is_listed || plain(extra) == plain(module) || plain(distribution) + &plain(extra) == plain(module)
}

fn plain(name: &str) -> String {
    name.replace(['-', '_', '.'], "").to_lowercase()
}
