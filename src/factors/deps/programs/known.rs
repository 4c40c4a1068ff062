//! Programs by name: what is basic, which runtime or package brings what, and how systems name the package.

use crate::factors::deps::model::Ecosystem;
use crate::factors::deps::paths;

/// The utilities of POSIX (XCU), coreutils and util-linux, what every shell has built in, and what every system has to open a
/// thing with.
const BASIC: &str = "alias ar arch at awk b2sum base32 base64 basename basenc batch bash bc bg break cal case cat cd \
    chcon chgrp chmod chown chroot cksum cmp comm command compress continue cp cron crontab csplit cut dash date dd \
    df diff dir dircolors dirname du echo ed egrep env eval ex exec exit expand export expr factor false fc fg fgrep \
    file find fmt fold fuser getconf getopts grep groups gunzip gzip hash head hostid hostname iconv id install ipcrm \
    ipcs jobs join kill killall less link ln local locale logger login logname lp ls m4 mailx man md5sum mesg mkdir \
    mkfifo mknod mktemp more mount mv newgrp nice nl nohup nproc numfmt od paste patch pathchk pgrep pidof pinky pkill \
    pr printenv printf ps ptx pwd read readlink realpath renice return rm rmdir runcon sed seq set sh sha1sum sha224sum \
    sha256sum sha384sum sha512sum shift shred shuf sleep sort source split stat stdbuf strings stty su sudo sum sync tac \
    tail talk tar tee test time timeout times top touch tput tr trap true truncate tsort tty type ulimit umask umount \
    unalias uname uncompress unexpand uniq unlink unset uptime users vdir vi wait wc which who whoami write xargs yes \
    zcat zsh start open xdg-open cmd cmd.exe powershell powershell.exe pwsh taskkill tasklist where explorer osascript \
    pbcopy pbpaste sw_vers systeminfo ver cls clear reset setsid flock unshare setpriv nsenter ionice taskset chrt \
    prlimit dmesg findmnt lsblk mountpoint column rev getopt hexdump";

/// Programs that a runtime brings; a manifest of its ecosystem declares it.
const RUNTIMES: [(&str, Ecosystem); 36] = [
    ("python", Ecosystem::PyPI),
    ("python2", Ecosystem::PyPI),
    ("python3", Ecosystem::PyPI),
    ("pip", Ecosystem::PyPI),
    ("pip3", Ecosystem::PyPI),
    ("pipenv", Ecosystem::PyPI),
    ("poetry", Ecosystem::PyPI),
    ("pdm", Ecosystem::PyPI),
    ("uv", Ecosystem::PyPI),
    ("uvx", Ecosystem::PyPI),
    ("node", Ecosystem::Npm),
    ("npm", Ecosystem::Npm),
    ("npx", Ecosystem::Npm),
    ("yarn", Ecosystem::Npm),
    ("pnpm", Ecosystem::Npm),
    ("corepack", Ecosystem::Npm),
    ("bun", Ecosystem::Npm),
    ("ruby", Ecosystem::RubyGems),
    ("gem", Ecosystem::RubyGems),
    ("bundle", Ecosystem::RubyGems),
    ("irb", Ecosystem::RubyGems),
    ("rake", Ecosystem::RubyGems),
    ("go", Ecosystem::Go),
    ("gofmt", Ecosystem::Go),
    ("cargo", Ecosystem::CratesIo),
    ("rustc", Ecosystem::CratesIo),
    ("rustup", Ecosystem::CratesIo),
    ("rustfmt", Ecosystem::CratesIo),
    ("php", Ecosystem::Packagist),
    ("composer", Ecosystem::Packagist),
    ("mix", Ecosystem::Hex),
    ("elixir", Ecosystem::Hex),
    ("iex", Ecosystem::Hex),
    ("erl", Ecosystem::Hex),
    ("java", Ecosystem::Maven),
    ("gradle", Ecosystem::Maven),
];

/// Programs of packages that have another name.
const OF_PACKAGES: [(&str, &str); 44] = [
    ("airflow", "apache-airflow"),
    ("ansible-playbook", "ansible"),
    ("aws", "awscli"),
    ("babel", "cli"),
    ("coverage", "coverage"),
    ("ddtrace-run", "ddtrace"),
    ("diesel", "diesel_cli"),
    ("django-admin", "django"),
    ("flask", "flask"),
    ("fastapi", "fastapi"),
    ("hupper", "hupper"),
    ("huey_consumer", "huey"),
    ("huey_consumer.py", "huey"),
    ("ipython", "ipython"),
    ("jupyter", "notebook jupyterlab jupyter"),
    ("nest", "@nestjs/cli"),
    ("newrelic-admin", "newrelic"),
    ("ng", "@angular/cli"),
    ("opentelemetry-instrument", "opentelemetry-distro"),
    ("playwright", "playwright @playwright/test playwright-core"),
    ("pserve", "pyramid"),
    ("py.test", "pytest"),
    ("rackup", "rack rackup"),
    ("rails", "rails railties"),
    ("rqworker", "rq"),
    ("sequelize", "sequelize-cli"),
    ("solid_queue", "solid_queue"),
    ("sqlx", "sqlx-cli"),
    ("sphinx-build", "sphinx"),
    ("tailwindcss", "tailwindcss @tailwindcss/cli"),
    ("thin", "thin"),
    ("truss", "truss"),
    ("ts-node-dev", "ts-node-dev"),
    ("tsc", "typescript"),
    ("tsserver", "typescript"),
    ("twistd", "twisted"),
    ("unicorn_rails", "unicorn"),
    ("uwsgi", "uwsgi pyuwsgi"),
    ("vue-cli-service", "@vue/cli-service"),
    ("waitress-serve", "waitress"),
    ("webpack", "webpack-cli webpack"),
    ("webpack-dev-server", "webpack-dev-server webpack-cli"),
    ("yt-dlp", "yt-dlp"),
    ("youtube-dl", "youtube-dl"),
];

/// Programs of system packages that have another name, as Debian, Alpine and Homebrew have them; the first is told.
const OF_SYSTEM: [(&str, &str); 44] = [
    ("7z", "p7zip 7zip"),
    ("aws", "awscli aws-cli"),
    ("chromedriver", "chromium-driver chromium-chromedriver"),
    ("chromium", "chromium"),
    ("composite", "imagemagick"),
    ("convert", "imagemagick"),
    ("cpp", "build-essential build-base gcc"),
    ("dig", "dnsutils bind-utils bind-tools bind9"),
    ("docker", "docker.io docker"),
    ("dot", "graphviz"),
    ("exiftool", "libimage-exiftool-perl exiftool perl-image-exiftool"),
    ("ffprobe", "ffmpeg"),
    ("g++", "build-essential build-base g++"),
    ("gcc", "build-essential build-base gcc"),
    ("gpg", "gnupg gpg"),
    ("gs", "ghostscript"),
    ("identify", "imagemagick"),
    ("ifconfig", "net-tools"),
    ("ip", "iproute2"),
    ("java", "openjdk default-jre default-jdk temurin java jdk"),
    ("libreoffice", "libreoffice"),
    ("lsb_release", "lsb-release"),
    ("magick", "imagemagick"),
    ("make", "make build-essential build-base"),
    ("mogrify", "imagemagick"),
    ("mongodump", "mongodb mongodb-database-tools mongodb-tools"),
    ("mysql", "default-mysql-client mysql mariadb"),
    ("mysqldump", "default-mysql-client mysql mariadb"),
    ("nc", "netcat ncat"),
    ("nslookup", "dnsutils bind-utils bind-tools bind9"),
    ("pdflatex", "texlive"),
    ("pdfinfo", "poppler"),
    ("pdftoppm", "poppler"),
    ("pdftotext", "poppler"),
    ("pg_dump", "postgresql libpq postgres"),
    ("pg_restore", "postgresql libpq postgres"),
    ("ping", "iputils-ping iputils"),
    ("psql", "postgresql libpq postgres"),
    ("redis-cli", "redis"),
    ("scp", "openssh"),
    ("soffice", "libreoffice"),
    ("ssh", "openssh"),
    ("ssh-keygen", "openssh"),
    ("tesseract", "tesseract"),
];

/// Whether every system has it.
pub fn is_basic(name: &str) -> bool {
    BASIC.split_ascii_whitespace().any(|basic| basic == name)
}

/// The ecosystem whose runtime brings it: `python3.12` is Python's too.
pub fn runtime(name: &str) -> Option<Ecosystem> {
    let plain = if name.starts_with("python3.") { "python3" } else { name };
    RUNTIMES.iter().find(|(program, _)| *program == plain).map(|(_, ecosystem)| *ecosystem)
}

/// The packages that bring a program: those of its own name, and those that are known to.
pub fn packages_with(name: &str) -> impl Iterator<Item = &str> {
    let listed = OF_PACKAGES.iter().find(|(program, _)| *program == name);
    std::iter::once(name).chain(listed.into_iter().flat_map(|(_, packages)| packages.split(' ')))
}

/// The system package to install, where it has another name.
pub fn system_package(name: &str) -> Option<&'static str> {
    system_packages(name).first().copied()
}

/// All names that systems give the package.
pub fn system_packages(name: &str) -> Vec<&'static str> {
    let listed = OF_SYSTEM.iter().find(|(program, _)| *program == name);
    listed.into_iter().flat_map(|(_, packages)| packages.split(' ')).collect()
}

/// Files in which people say which programs there are to be.
pub fn declares_programs(path: &str) -> bool {
    const NAMES: [&str; 20] = [
        "Aptfile",
        "apt.txt",
        "apt-packages.txt",
        "packages.txt",
        "Brewfile",
        "flake.nix",
        "shell.nix",
        "default.nix",
        "devenv.nix",
        "nixpacks.toml",
        "railpack.json",
        "devbox.json",
        ".tool-versions",
        "mise.toml",
        ".mise.toml",
        "environment.yml",
        "environment.yaml",
        "project.toml",
        "Vagrantfile",
        "snapcraft.yaml",
    ];
    let name = paths::file_name(path);
    let is_docker = name.starts_with("Dockerfile") || name.starts_with("Containerfile");
    is_docker || name.to_ascii_lowercase().ends_with(".dockerfile") || NAMES.contains(&name)
}
