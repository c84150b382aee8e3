from pathlib import Path  #! python.import.pathlib

out = Path("results")
out.mkdir(parents=True, exist_ok=True)
report = out / "report.md"
report.write_text("# Report\n\nNothing was exec'd.\n", encoding="utf-8")
print(report.exists(), report.suffix, str(report))
