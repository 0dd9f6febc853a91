// A model's user writes formulas and draws random numbers, so the modules for both come along.
@_exported import Distributions
@_exported import Formulas
