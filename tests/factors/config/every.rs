//! Where a library takes the whole environment, the inventory says so.

use twelve_run::factors::config::{FileReport, inventory};

use super::scanner;

fn told(path: &str, text: &str) -> Vec<(u32, Option<String>)> {
    let report = scanner().scan(path, text.as_bytes());
    report.every.into_iter().map(|every| (every.place.line, every.prefix)).collect()
}

#[test]
fn a_library_that_takes_every_variable_is_told_with_its_prefix() {
    let cases = [
        ("app.js", "const nconf = require('nconf');\nnconf.env({ separator: '__' });\n", 2, None),
        ("app.js", "const nconf = require('nconf');\nnconf.argv()\n  .env()\n  .file(x);\n", 3, None),
        ("app.rs", "use figment::Figment;\nlet f = f.merge(Env::prefixed(\"APP_\"));\n", 2, Some("APP_")),
        ("app.rs", "use config::Config;\nlet s = Environment::with_prefix(\"SHOP\");\n", 2, Some("SHOP")),
        ("app.rs", "let c = envy::prefixed(\"APP_\").from_env::<C>();\n", 1, Some("APP_")),
        ("app.rs", "let c = envy::from_env::<C>();\n", 1, None),
        ("app.go", "viper.SetEnvPrefix(\"shop\")\nviper.AutomaticEnv()\n", 2, Some("shop")),
        ("app.go", "err := envconfig.Process(\"shop\", &c)\n", 1, Some("shop")),
        ("App.cs", "builder.AddEnvironmentVariables(\"SHOP_\");\n", 1, Some("SHOP_")),
        ("app.py", "from dynaconf import Dynaconf\ns = Dynaconf(envvar_prefix=\"SHOP\")\n", 2, Some("SHOP")),
    ];
    for (path, text, line, prefix) in cases {
        assert_eq!(told(path, text), [(line, prefix.map(str::to_owned))], "{text}");
    }
    for (path, text) in [
        ("app.js", "app.env({ a: 1 });\n"),
        ("app.rs", "let e = Environment::default();\n"),
        ("app.go", "// viper.AutomaticEnv()\n"),
        ("app.py", "x = \"Dynaconf(\" # dynaconf\n"),
    ] {
        assert_eq!(told(path, text), [], "{text}");
    }
}

#[test]
fn what_such_a_library_may_take_is_not_called_idle() {
    let idle = |program: &str| -> Vec<String> {
        let scan = |path: &str, text: &str| scanner().scan(path, text.as_bytes());
        let reports: [FileReport; 2] = [scan("app.go", program), scan(".env", "SHOP_A=1\nOTHER=2\n")];
        inventory(&reports).set_but_never_read().map(|(name, _)| name.to_owned()).collect()
    };
    assert_eq!(idle("x := 1\n"), ["OTHER", "SHOP_A"]);
    assert_eq!(idle("envconfig.Process(\"shop\", &c)\n"), ["OTHER"]);
    assert_eq!(idle("viper.AutomaticEnv()\n"), [""; 0]);
}
