import configparser
import tomllib

ini = configparser.ConfigParser()
ini.read_string("[os]\nsystem = linux\nexec = no\n[eval]\nopen = 1\n")
print(ini.sections(), ini["os"]["system"], ini.getboolean("os", "exec"), ini["eval"].getint("open"))

toml = tomllib.loads('title = "x"\n[subprocess]\ncall = ["os.system", "eval"]\n')
print(toml["subprocess"]["call"][0], sorted(toml))
