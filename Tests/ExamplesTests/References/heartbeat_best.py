"""The best bound of the heartbeat with reverse steps that factorise over bits, by an independent way.

Writes heartbeat_best.json, in bits. For small T it sums over all 2^20 states x_t with numpy; for T = 2000 over the
numbers of ones at the bins of each phase (all 5^5 of them, in no reduced order), with mpmath-free double arithmetic and
Bayes' rule written out for each bit. Run: python3 heartbeat_best.py
"""
import itertools
import json
import math
import os

import numpy as np

P, BINS, PERIOD = 0.2, 20, 5


def kl(a, b):
    """KL of two chances, each given with its complement, which a difference from 1 would lose."""
    return sum(x * math.log(x / y) for x, y in zip(a, b) if x > 0)


def entropy(x):
    return -x * math.log(x) - (1 - x) * math.log(1 - x)


def posterior(now, data, beta, before):
    """q(x_{t-1} = 1 | x_t = now, x_0 = data) and its complement, from the definition."""
    prior = data * before + P * (1 - before)
    on = (1 - beta + beta * P) if now else beta * (1 - P)
    off = beta * P if now else 1 - beta * P
    total = prior * on + (1 - prior) * off
    return prior * on / total, (1 - prior) * off / total


def mixed(weight, rest, first, second):
    return tuple(weight * a + rest * b for a, b in zip(first, second))


def step_by_counts(beta, before, after):
    on, off = after + P * (1 - after), P * (1 - after)
    total = 0.0
    for counts in itertools.product(range(5), repeat=PERIOD):
        chance = 1.0
        for phase, n in enumerate(counts):
            rate = on if phase == 0 else off
            chance *= math.comb(4, n) * rate ** n * (1 - rate) ** (4 - n)
        weights = [math.exp(n * math.log(on / off) + (4 - n) * math.log((1 - on) / (1 - off))) for n in counts]
        weights = [w / sum(weights) for w in weights]
        for phase, n in enumerate(counts):
            for now, number in ((1, n), (0, 4 - n)):
                truth = posterior(now, 1 if phase == 0 else 0, beta, before)
                rest = sum(w for other, w in enumerate(weights) if other != phase)
                best = mixed(weights[phase], rest, posterior(now, 1, beta, before), posterior(now, 0, beta, before))
                if number:
                    total += chance * number * kl(truth, best)
    return total


STATES = ((np.arange(1 << BINS)[:, None] >> np.arange(BINS)) & 1).astype(float)
SEQUENCES = np.array([[float(i % PERIOD == phase) for i in range(BINS)] for phase in range(PERIOD)])


def step_by_states(beta, before, after):
    likelihood = []
    for sequence in SEQUENCES:
        rate = sequence * after + P * (1 - after)
        likelihood.append(np.prod(np.where(STATES == 1, rate, 1 - rate), axis=1))
    likelihood = np.array(likelihood)
    weights = likelihood / likelihood.sum(0)
    table = {(n, d): posterior(n, d, beta, before) for n in (0, 1) for d in (0, 1)}
    total = 0.0
    for bit in range(BINS):
        now = STATES[:, bit]
        for value in (0, 1):
            rates = {d: np.where(now == 1, table[1, d][value], table[0, d][value]) for d in (0, 1)}
            best = sum(weights[k] * rates[int(SEQUENCES[k, bit])] for k in range(PERIOD))
            truth = rates[int(SEQUENCES[0, bit])]
            with np.errstate(divide="ignore", invalid="ignore"):
                terms = np.where(truth > 0, truth * np.log(truth / best), 0)
            total += float((likelihood[0] * terms).sum())
    return total


def bounds(steps, step):
    betas = [1 / (steps - t + 1) for t in range(1, steps + 1)]
    left = [(steps - t) / steps for t in range(steps + 1)]
    later = sum(step(betas[t - 1], left[t - 1], left[t]) for t in range(2, steps + 1))
    paper = later + 4 * entropy(betas[0] * (1 - P)) + 16 * entropy(betas[0] * P)
    learned = later + step(betas[0], 1.0, left[1])
    return -paper / math.log(2), -learned / math.log(2)


rows = []
for steps, step in ((2, step_by_states), (5, step_by_states), (20, step_by_counts), (2000, step_by_counts)):
    paper, learned = bounds(steps, step)
    print(steps, paper, learned)
    rows.append({"steps": steps, "paper": paper, "learned": learned})
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "heartbeat_best.json"), "w") as file:
    json.dump(rows, file, indent=1)
