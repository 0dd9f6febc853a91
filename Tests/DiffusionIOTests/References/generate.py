"""Writes tricky.csv and what Python's csv module reads out of it, tricky.json. Run in this directory."""
import csv
import json
import random

random.seed(20240607)
pieces = ["a", "1.5", "-2e3", ",", '"', '""', "\n", "\r\n", "\r", "é", "日本", "x y", "", "'", ";", "NA"]
records = [["plain", "with,comma", 'with"quote', "with\nbreak", "naïve"]]
for _ in range(200):
    records.append(["".join(random.choices(pieces, k=random.randint(0, 4))) for _ in range(5)])
# Cells with blank edges mean different things to different readers, so they stay out.
records = [[cell.strip(" \t") for cell in record] for record in records]
with open("tricky.csv", "w", newline="", encoding="utf-8-sig") as file:
    csv.writer(file, lineterminator="\r\n").writerows(records)
with open("tricky.csv", newline="", encoding="utf-8-sig") as file:
    reader = csv.reader(file, strict=True)
    read = list(reader)
assert read == records
with open("tricky.json", "w", encoding="utf-8") as file:
    json.dump(read, file, ensure_ascii=False, indent=0)
