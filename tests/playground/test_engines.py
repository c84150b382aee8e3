"""The playground over each way of running: native as root and rootless, warm and cold, and Docker."""

from kit import output, run, unfold


def test_a_run_on_each_engine(any_stack, page_of):
    page = page_of(any_stack)
    assert run(page, "import numpy as np\nprint(np.mean([1, 2, 3]))", "strict") == "Succeeded"
    assert output(page) == "2.0\n"
    assert run(page, "1 / 0") == "Failed with exit code 1" and "ZeroDivisionError" in output(page, "stderr")
    unfold(page, "#details")
    assert "Engine\n%s" % any_stack.name_of_engine in page.text("#details")
    engines = list(any_stack.get("/ready").json["engines"])
    options = page.js("return [...document.getElementById('engine').options].slice(1).map((option) => option.text)")
    assert options == engines
    assert page.js("return document.getElementById('engine').closest('.field').hidden") == (len(engines) < 2)
