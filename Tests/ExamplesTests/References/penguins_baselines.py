"""Writes penguins_baselines.json: densities of the penguins' rows under the two baselines, by numpy and scipy, and the
fills of their missing cells by means and modes and by nearest neighbours.

Run in this directory. Rows 0, 5, 10, ... are scored, the others trained on, as they were recorded; from the scored rows
a cell more is taken here and there, so that every field is missing somewhere.
"""
import csv
import json
import re

import numpy as np
from scipy.special import logsumexp
from scipy.stats import multivariate_normal, norm

source = open("../../../Sources/Examples/Support/Penguins.swift").read()
text = re.search(r'csv = """\n(.*?)"""', source, re.S).group(1)
records = list(csv.DictReader(line.strip() for line in text.splitlines() if line.strip()))
labels = {
    "species": ["Adelie", "Chinstrap", "Gentoo"],
    "island": ["Biscoe", "Dream", "Torgersen"],
    "sex": ["female", "male"],
    "year": ["2007", "2008", "2009"],
}
measures = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
names = list(labels) + measures
table = np.array([
    [np.nan if r[n] == "NA" else labels[n].index(r[n]) if n in labels else float(r[n]) for n in names] for r in records
])
test, training = table[::5].copy(), np.delete(table, np.s_[::5], axis=0)
for row in range(len(test)):
    if row % 3 == 0:
        test[row, (row // 3) % len(names)] = np.nan
    if row % 7 == 0:
        test[row, 4 + row % 4] = np.nan


def shares(column, count):
    column = column[~np.isnan(column)].astype(int)
    return (np.bincount(column, minlength=count) + 0.5) / (len(column) + 0.5 * count)


def independent(row):
    total = 0.0
    for place, name in enumerate(names):
        if np.isnan(row[place]):
            continue
        if name in labels:
            total += np.log2(shares(training[:, place], len(labels[name]))[int(row[place])])
        else:
            column = training[:, place][~np.isnan(training[:, place])]
            total += norm(column.mean(), column.std()).logpdf(row[place]) / np.log(2)
    return total


def within(row, species):
    part = training[training[:, 0] == species]
    total = np.log(shares(training[:, 0], 3)[species])
    for place, name in enumerate(names[1:4], start=1):
        if not np.isnan(row[place]):
            total += np.log(shares(part[:, place], len(labels[name]))[int(row[place])])
    numbers = part[:, 4:][~np.isnan(part[:, 4:]).any(axis=1)]
    seen = ~np.isnan(row[4:])
    if seen.any():
        covariance = np.cov(numbers.T, bias=True)[np.ix_(seen, seen)]
        total += multivariate_normal(numbers.mean(axis=0)[seen], covariance).logpdf(row[4:][seen])
    return total


def grouped(row):
    each = range(3) if np.isnan(row[0]) else [int(row[0])]
    return logsumexp([within(row, species) for species in each]) / np.log(2)


def typical(column, name):
    column = column[~np.isnan(column)]
    return float(np.bincount(column.astype(int)).argmax() if name in labels else column.mean())


def neighbours(row, count=5):
    """Gower's distance over the fields that both have; donors are the nearest rows that have the cell."""
    span = np.nanmax(training, axis=0) - np.nanmin(training, axis=0)
    parts = np.abs(training - row) / span
    parts[:, :4] = np.where(np.isnan(parts[:, :4]), np.nan, parts[:, :4] > 0)
    order = np.argsort(np.nanmean(parts, axis=1), kind="stable")
    return [
        typical(training[[r for r in order if not np.isnan(training[r, place])][:count], place], names[place])
        for place in np.flatnonzero(np.isnan(row))
    ]


def rows(array):
    return [[None if np.isnan(x) else x for x in row] for row in array.tolist()]


with open("penguins_baselines.json", "w") as file:
    json.dump({
        "training": rows(training),
        "test": rows(test),
        "independent": [independent(row) for row in test],
        "groups": [grouped(row) for row in test],
        "neighbours": [cell for row in test for cell in neighbours(row)],
        "typical": [
            typical(training[:, place], names[place]) for row in test for place in np.flatnonzero(np.isnan(row))
        ],
    }, file)
    file.write("\n")
