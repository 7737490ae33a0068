#!/usr/bin/env python3
"""How figures are picked, divided and judged, from canned JSON; nothing is timed."""
import contextlib
import io
import json
import math
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import run
import table
import targets

MEASURED = {
    "svm": {
        "default_kernels": "fast",
        "results": [{"name": "LIBSVM score", "threads": 1, "best_ms": 900.0}, {"name": "fast explain", "threads": 1, "best_ms": 100.0},
                    {"name": "fast explain", "threads": 2, "best_ms": 50.0}, {"name": "slow explain", "threads": 1, "best_ms": 300.0}],
        "accuracy": [{"precision": "float64", "score": 1e-16}, {"precision": "float64", "score": 3e-16}, {"precision": "float32", "score": 1e-8}],
    },
    "sparse": {"cases": [{"own": 1, "peer": 20}, {"own": 3, "peer": 30}]},
    "odd": {"nan": math.nan, "nil": None, "zero": 0, "text": "9", "yes": True, "list": [1]},
}  # fmt: skip
LIBSVM = ("svm", "results", {"name": "LIBSVM score"}, "best_ms")


def row(ours, theirs=(LIBSVM,), target=1 / 8, errors=()):
    return {"work": "w", "against": "a", "threads": 1, "target": target, "ours": list(ours), "theirs": list(theirs), "errors": list(errors)}


def fast(threads):
    return ("svm", "results", {"name": "{default_kernels} explain", "threads": threads}, "best_ms")


class Picking(unittest.TestCase):
    def test_paths(self):
        self.assertEqual(table.look(MEASURED, fast(2)), [50.0])
        self.assertEqual(table.look(MEASURED, ("sparse", "cases", targets.ALL, "own")), [1.0, 3.0])
        self.assertEqual(table.look(MEASURED, 10.0), [10.0])

    def test_what_is_no_figure(self):
        for path in (("none", "x"), ("svm", "results", "name"), ("svm", "results", {"name": "other"}, "best_ms"), ("sparse", "cases"),
                     ("odd", "nil"), ("odd", "text"), ("odd", "yes"), ("odd", "list"), ("odd", "text", "more")):  # fmt: skip
            self.assertEqual(table.look(MEASURED, path), [], path)


class Judging(unittest.TestCase):
    def judge(self, *args, **more):
        return table.judge(MEASURED, row(*args, **more))

    def test_met_and_not_met(self):
        self.assertAlmostEqual(self.judge([fast(1)])["reached"], 1 / 9)
        self.assertIs(self.judge([fast(1)])["met"], True)
        self.assertIs(self.judge([fast(1)], target=1 / 10)["met"], False)
        self.assertIs(self.judge([fast(1)], target=100 / 900)["met"], True)
        self.assertIsNone(self.judge([fast(1)], target=None)["met"])

    def test_the_worst_pair_counts(self):
        cases = ("sparse", "cases", targets.ALL)
        self.assertAlmostEqual(self.judge([(*cases, "own")], [(*cases, "peer")])["reached"], 0.1)
        self.assertAlmostEqual(self.judge([fast(1), fast(2)], [LIBSVM, fast(1)])["reached"], 0.5)

    def test_missing_is_not_met(self):
        for ours, theirs in (([("none", "x")], [LIBSVM]), ([fast(1)], [("none", "x")]), ([fast(1), fast(7)], [LIBSVM, LIBSVM]),
                             ([("odd", "nan")], [LIBSVM]), ([fast(1)], [("odd", "nan")]), ([("odd", "zero")], [LIBSVM]),
                             ([fast(1)], [("odd", "zero")]), ([("sparse", "cases", targets.ALL, "own")], [LIBSVM])):  # fmt: skip
            judged = self.judge(ours, theirs, target=1e9)
            self.assertTrue(math.isnan(judged["reached"]), (ours, theirs))
            self.assertIs(judged["met"], False)

    def test_errors(self):
        score = ("svm", "accuracy", {"precision": "float64"}, "score")
        self.assertEqual(self.judge([fast(1)], errors=[score])["error"], 3e-16)
        self.assertIsNone(self.judge([fast(1)])["error"])
        self.assertTrue(math.isnan(self.judge([fast(1)], errors=[score, ("odd", "nan")])["error"]))
        self.assertTrue(math.isnan(self.judge([fast(1)], errors=[score, ("none", "x")])["error"]))


class Printing(unittest.TestCase):
    def test_ratios(self):
        self.assertEqual([table.share(v) for v in (1 / 15, 0.4, 1.25, math.nan, None)], ["1/15", "1/2.5", "1.25", "no figure", ""])

    def test_table(self):
        rows = [table.judge(MEASURED, row([fast(1)])), table.judge(MEASURED, row([("none", "x")], errors=[("none", "y")]))]
        lines = table.markdown(rows).splitlines()
        self.assertEqual(lines[2], "| w | a | 1 | 1/8 | 1/9 | yes |  |")
        self.assertEqual(rows[0]["key"], "svm:results.[{default_kernels} explain 1].best_ms")
        self.assertEqual(lines[3], "| w | a | 1 | 1/8 | no figure | **no** | no figure |")


class Targets(unittest.TestCase):
    def test_rows_name_benches_and_sides_agree(self):
        for r in targets.ROWS:
            self.assertEqual(len(r["ours"]), len(r["theirs"]), r["work"])
            for path in r["ours"] + r["theirs"] + r["errors"]:
                self.assertTrue(isinstance(path, float) or path[0] in targets.BENCHES, path)


class Whole(unittest.TestCase):
    def test_table_from_a_folder(self):
        """Files of earlier runs are enough; an unreadable one is like none; the page gets the table."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "svm.json").write_text(json.dumps({"default_kernels": "k", "results": [
                {"name": "LIBSVM score", "threads": 1, "best_ms": 1000}, {"name": "k float64 explain", "threads": 2, "best_ms": 50}]}))  # fmt: skip
            (folder / "small.json").write_text("{")
            (folder / "page.md").write_text("# Speed\n<!-- bench -->\nold\n<!-- bench -->\nend\n")
            words = ["run.py", "nowhere", "--out", name, "--only", "--page", str(folder / "page.md")]
            with mock.patch.object(sys, "argv", words), contextlib.redirect_stdout(io.StringIO()):
                self.assertEqual(run.main(), 0)
            page = (folder / "page.md").read_text()
            rows = json.loads((folder / "table.json").read_text())["rows"]
        self.assertIn("| explain, float64 | LIBSVM scores in memory | 2 | 1/15 | 1/20 | yes |", page)
        self.assertNotIn("old", page)
        self.assertNotIn("Other work", page)
        self.assertIn("OPENBLAS_CORETYPE", page)
        self.assertTrue(page.endswith("<!-- bench -->\nend\n"))
        self.assertEqual(sum(r["met"] is True for r in rows), 1)

    def test_a_busy_machine_is_told(self):
        with tempfile.TemporaryDirectory() as name:
            (Path(name) / "svm.load").write_text("7.25\n")
            (Path(name) / "small.load").write_text("0.3\n")
            about = run.machine(Path(name))
        self.assertIn("load up to 7.2", run.page_of([], about))

    def test_a_bench_that_fails(self):
        with tempfile.TemporaryDirectory() as name:
            (Path(name) / "small.json").write_text("{}")
            with mock.patch.object(sys, "argv", ["run.py", "nowhere", "--out", name, "--only", "small"]), contextlib.redirect_stdout(io.StringIO()):
                self.assertEqual(run.main(), 1)
            self.assertFalse((Path(name) / "small.json").exists(), "figures of another run stand for those that failed")


if __name__ == "__main__":
    unittest.main()
