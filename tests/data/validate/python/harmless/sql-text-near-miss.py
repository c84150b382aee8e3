QUERIES = {
    "exec": "EXEC sp_helpdb; -- os.system('dir')",
    "select": "SELECT eval, exec, open FROM globals WHERE os = 'linux'",
    "drop": "DROP TABLE IF EXISTS subprocess",
}
TEMPLATE = "SELECT {columns} FROM {table} WHERE {where}"

sql = TEMPLATE.format(columns="eval, system", table="os", where="exec > 3")
print(sql)
for name, query in QUERIES.items():
    print(f"{name:>8}: {query}")
