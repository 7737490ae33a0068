"""The tables: R's mlbench and scikit-learn's bundled sets, in raw units, with an id and (where truth exists) a label column.

label 0 = normal, 1 = anomaly. Rows are picked by position, never by chance, so the files are the same everywhere.
"""
import csv
import gzip
import io
import os
import subprocess

from sklearn.datasets import load_breast_cancer, load_wine


def mlbench(name):
    """Rows of an mlbench data frame as written by R itself: 15 significant digits, '' where missing."""
    code = f'library(mlbench); data({name}); write.csv({name}, stdout(), row.names = FALSE, na = "")'
    done = subprocess.run(
        ["Rscript", "--vanilla", "-e", code], check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}
    )
    return list(csv.reader(io.StringIO(done.stdout)))[1:]


def write_csv(path, header, rows):
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(header)
    out.writerows(rows)
    data = text.getvalue().encode()
    path.write_bytes(gzip.compress(data, 9, mtime=0) if path.suffix == ".gz" else data)


def number(value):
    """Shortest text that reads back equal: 127.0 is written 127."""
    text = repr(float(value))
    return text[:-2] if text.endswith(".0") else text


def make_glass(folder):
    """Is this splinter window glass? Oxides in percent of weight; the id says what the fragment came from."""
    kinds = {"1": "window-float", "2": "window", "3": "vehicle-window-float", "5": "container", "6": "tableware", "7": "headlamp"}
    header = ["id", "refractive_index"]
    header += [f"{m}_pct" for m in "sodium magnesium aluminium silicon potassium calcium barium iron".split()]
    rows = []
    for i, row in enumerate(mlbench("Glass"), 1):
        kind = kinds[row[9]]
        rows.append([f"{kind}-{i}", *row[:9], 0 if "window" in kind else 1])
    # Three of four window fragments train; the others, and everything that is not window glass, test.
    normal = [r for r in rows if r[-1] == 0]
    train = [r for i, r in enumerate(normal) if i % 4]
    test = normal[::4] + [r for r in rows if r[-1] == 1]
    write_csv(folder / "glass-train.csv", header + ["label"], train)
    write_csv(folder / "glass-test.csv", header + ["label"], test)


def make_wine(folder):
    """Thirteen measurements of wines of three cultivars; cultivar 1 is what is normal here."""
    data = load_wine()
    header = ["id", *(n.replace("/", "_") for n in data.feature_names), "label"]
    rows = [
        [f"cultivar{k + 1}-{i}", *map(number, x), int(k != 0)] for i, (x, k) in enumerate(zip(data.data, data.target), 1)
    ]
    write_csv(folder / "wine.csv", header, rows)


def make_wdbc(folder):
    """Cell nuclei of breast masses measured in images: mean, standard error and worst of ten properties; malignant = 1."""
    data = load_breast_cancer()
    header = ["id", *(n.replace(" ", "_") for n in data.feature_names), "label"]
    rows = [
        [f"{data.target_names[k]}-{i}", *map(number, x), int(k == 0)] for i, (x, k) in enumerate(zip(data.data, data.target), 1)
    ]
    write_csv(folder / "wdbc.csv", header, rows)


def make_breastw(folder):
    """Cytology grades 1 to 10; 16 values are missing, some ids occur twice: both are so in the original. malignant = 1."""
    header = "id clump_thickness cell_size_uniformity cell_shape_uniformity marginal_adhesion epithelial_cell_size"
    header += " bare_nuclei bland_chromatin normal_nucleoli mitoses label"
    rows = [[*row[:10], int(row[10] == "malignant")] for row in mlbench("BreastCancer")]
    write_csv(folder / "breastw.csv", header.split(), rows)


def make_ozone(folder):
    """Weather and ozone of Los Angeles, each day of 1976. Nobody marked anomalies, and 203 of 366 days are complete."""
    header = ["date", "ozone_max", "pressure_height_m", "wind_mph", "humidity_pct", "temp_sandburg_f", "temp_el_monte_f"]
    header += ["inversion_height_ft", "pressure_gradient", "inversion_temp_f", "visibility"]
    rows = [[f"1976-{int(r[0]):02}-{int(r[1]):02}", *r[3:]] for r in mlbench("Ozone")]
    write_csv(folder / "ozone.csv", header, rows)


def make_shuttle(folder):
    """Radiator readings of the space shuttle (column 1 is time, the others were never named). Rad.Flow is normal; the class
    High, neither rare nor normal, is left out as in the ODDS collection."""
    header = ["id", "time", *(f"V{i}" for i in range(2, 10)), "label"]
    rows = [[f"{r[9]}-{i}", *r[:9], int(r[9] != "Rad.Flow")] for i, r in enumerate(mlbench("Shuttle"), 1) if r[9] != "High"]
    normal = [r for r in rows if r[-1] == 0]
    anomalous = [r for r in rows if r[-1] == 1]
    rare = [r for r in anomalous if not r[0].startswith("Bypass")]
    bypass = [r for r in anomalous if r[0].startswith("Bypass")]
    write_csv(folder / "shuttle-train.csv.gz", header, normal[::30])
    write_csv(folder / "shuttle-test.csv.gz", header, normal[15::90] + bypass[::32] + rare[::4])


def make(folder):
    for step in (make_glass, make_wine, make_wdbc, make_breastw, make_ozone, make_shuttle):
        step(folder)
