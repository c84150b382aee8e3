from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, select

engine = create_engine("sqlite:///:memory:")
metadata = MetaData()
hosts = Table(
    "hosts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("os", String(20)),
    Column("system", String(20)),
)
metadata.create_all(engine)
with engine.begin() as connection:
    connection.execute(hosts.insert(), [{"os": "linux", "system": "a"}, {"os": "mac", "system": "b"}])
    for row in connection.execute(select(hosts.c.os, hosts.c.system).where(hosts.c.os == "linux")):
        print(row.os, row.system)
