from typing import Optional

from sqlmodel import Field, Session, SQLModel, create_engine, select


class Hero(SQLModel, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    name: str
    system: str = "earth"


engine = create_engine("sqlite://")
SQLModel.metadata.create_all(engine)
with Session(engine) as session:
    session.add(Hero(name="Deadpond"))
    session.commit()
    heroes = session.exec(select(Hero).where(Hero.name == "Deadpond")).all()
    print(heroes)
