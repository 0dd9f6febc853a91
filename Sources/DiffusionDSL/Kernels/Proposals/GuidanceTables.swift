/// psi_t as numbers over t = 0 ... T.
struct GuidanceTables: Sendable {
  /// How much of x_0 is left in x_t: psi_t of the factor N(y; x, s^2) is N(y; root x, stretch s^2 + noise).
  var roots: [Double] = []
  var stretches: [Double] = []
  var noises: [Double] = []
  /// psi_t of a table r is (kept r + (1 - kept) sum pi r)^exponent; a general r is raised to `powers`.
  var kept: [Double] = []
  var exponents: [Double] = []
  var powers: [Double] = []

  mutating func append(root: Double, noise: Double, kept: Double, exponent: Double) {
    roots.append(root)
    noises.append(noise)
    self.kept.append(kept)
    exponents.append(exponent)
    // Exponent 0 means a flat factor: a normal of a variance so large that it is one.
    stretches.append(1 / max(exponent, 1e-9))
  }
}
