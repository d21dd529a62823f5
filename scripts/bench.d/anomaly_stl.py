"""Points per CPU second of the STL of statsmodels (period 24) on the hourly points of a CSV (tenant, ts, value), series by series."""

import csv
import statistics
import sys
import time
from collections import defaultdict

from statsmodels.tsa.seasonal import STL


def main(path):
    series = defaultdict(list)
    with open(path, newline="") as points:
        for row in csv.DictReader(points):
            series[row["tenant"]].append(float(row["value"]))
    seconds = []
    for _ in range(5):
        start = time.process_time()
        for values in series.values():
            STL(values, period=24).fit()
        seconds.append(time.process_time() - start)
    print(sum(map(len, series.values())) / statistics.median(seconds))


if __name__ == "__main__":
    main(sys.argv[1])
