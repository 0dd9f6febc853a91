import Foundation

/// The density of a scaled swiss-roll curve plus isotropic normal noise: the data's own, and that of the first states
/// of a diffusion from them.
struct BlurredSpiral: Sendable {
  /// What the standardised curve is multiplied by.
  let scale: Double
  /// The noise's standard deviation, positive.
  let blur: Double

  /// Nodes and weights of the Gauss-Legendre rule with 6 nodes on (-1, 1).
  private static let rule: [(node: Double, weight: Double)] = [
    (-0.932469514203152, 0.171324492379170), (-0.661209386466265, 0.360761573048139),
    (-0.238619186083197, 0.467913934572691), (0.238619186083197, 0.467913934572691),
    (0.661209386466265, 0.360761573048139), (0.932469514203152, 0.171324492379170),
  ]

  /// Parts of the curve that weigh less than exp(-this) of the nearest one are left out.
  private static let leastExponent = 30.0

  /// The logarithm, in nats, of the integral over u of N((x, y); scale c(u), blur^2 I), for any point of the plane.
  ///
  /// A Gauss-Legendre rule on panels no longer than 1.5 times the blur, and shorter at a distance, where the integrand is
  /// steeper. Panels are found by halving (0, 1); an interval whose points are all too far to count is dropped as a
  /// whole, so the cost hardly grows as the blur shrinks.
  func logDensity(_ x: Double, _ y: Double) -> Double {
    let precision = 1 / (2 * blur * blur)
    var nearest = nearestSquaredDistance(x, y)
    // The sum is kept relative to the largest term met.
    var shift = Double.infinity
    var sum = 0.0
    var pending = [part(of: 0.5, 0.5, x, y)]
    while let part = pending.popLast() {
      nearest = min(nearest, part.squaredDistance)
      let gap = part.squaredDistance.squareRoot() - part.reach
      if gap > 0, (gap * gap - nearest) * precision > BlurredSpiral.leastExponent { continue }
      if part.reach > 0.75 * blur / max(1, nearest.squareRoot() / (3 * blur)) {
        let half = part.halfWidth / 2
        pending.append(self.part(of: part.middle - half, half, x, y))
        pending.append(self.part(of: part.middle + half, half, x, y))
        continue
      }
      for (node, weight) in BlurredSpiral.rule {
        let point = SwissRoll.curve(part.middle + part.halfWidth * node)
        let (dx, dy) = (x - scale * point.x, y - scale * point.y)
        let exponent = precision * (dx * dx + dy * dy)
        if exponent < shift {
          sum *= exp(exponent - shift)
          shift = exponent
        }
        sum += part.halfWidth * weight * exp(shift - exponent)
      }
    }
    return log(sum) - shift - log(2 * .pi * blur * blur)
  }

  /// From a point to the curve, to a tenth of the distance or better.
  private func nearestSquaredDistance(_ x: Double, _ y: Double) -> Double {
    var nearest = Double.infinity
    var pending = [part(of: 0.5, 0.5, x, y)]
    while let part = pending.popLast() {
      nearest = min(nearest, part.squaredDistance)
      let distance = nearest.squareRoot()
      if part.reach <= max(blur / 2, distance / 10) { continue }
      if part.squaredDistance.squareRoot() - part.reach >= distance { continue }
      let half = part.halfWidth / 2
      let before = self.part(of: part.middle - half, half, x, y)
      let after = self.part(of: part.middle + half, half, x, y)
      // The nearer half goes on top: the sooner the curve is found near, the more can be dropped.
      let isBeforeNearer = before.squaredDistance < after.squaredDistance
      pending.append(isBeforeNearer ? after : before)
      pending.append(isBeforeNearer ? before : after)
    }
    return nearest
  }

  /// An interval of u, and where its part of the curve is.
  private struct Part {
    var middle: Double
    var halfWidth: Double
    /// From the point to the curve at the middle.
    var squaredDistance: Double
    /// No point of the part is farther than this from the curve at the middle.
    var reach: Double
  }

  private func part(of middle: Double, _ halfWidth: Double, _ x: Double, _ y: Double) -> Part {
    let point = SwissRoll.curve(middle)
    let (dx, dy) = (x - scale * point.x, y - scale * point.y)
    return Part(
      middle: middle, halfWidth: halfWidth, squaredDistance: dx * dx + dy * dy,
      reach: halfWidth * speedBound(middle + halfWidth))
  }

  /// The differential entropy in nats, by quadrature to about 1e-5.
  ///
  /// -E log p(scale c(u) + blur e): over u a Gauss-Legendre rule on panels that double in length from the blur's own at
  /// either end of the curve, where alone p varies so fast along it; over e the trapezoidal rule, which converges faster
  /// than any power of its step on functions as smooth as these.
  var entropy: Double {
    var entropy = 0.0
    for (start, end) in panels {
      let halfWidth = (end - start) / 2
      for (node, weight) in BlurredSpiral.rule {
        let point = SwissRoll.curve(start + halfWidth * (1 + node))
        for offset in BlurredSpiral.normalGrid {
          let logDensity = logDensity(scale * point.x + blur * offset.x, scale * point.y + blur * offset.y)
          entropy -= halfWidth * weight * offset.weight * logDensity
        }
      }
    }
    return entropy
  }

  /// Points and weights for the mean over a standard normal in the plane.
  private static let normalGrid: [(x: Double, y: Double, weight: Double)] = {
    let step = 1.0
    let reach = 6
    var points: [(x: Double, y: Double, weight: Double)] = []
    for i in -reach...reach {
      for j in -reach...reach {
        let (x, y) = (Double(i) * step, Double(j) * step)
        let weight = exp(-(x * x + y * y) / 2)
        if weight > 3e-7 { points.append((x, y, weight)) }
      }
    }
    let total = points.reduce(0) { $0 + $1.weight }
    for index in points.indices { points[index].weight /= total }
    return points
  }()

  private var panels: [(start: Double, end: Double)] {
    let longest = 1.0 / 10
    func fromEnd(_ speed: Double) -> [Double] {
      var places = [0.0]
      var width = min(longest, blur / speed)
      while let last = places.last, last + width < 0.5 {
        places.append(last + width)
        width = min(longest, 2 * width)
      }
      return places
    }
    let places = fromEnd(speedBound(0)) + [0.5] + fromEnd(speedBound(1)).reversed().map { 1 - $0 }
    return zip(places, places.dropFirst()).map { (start: $0, end: $1) }
  }

  /// No point of the curve up to u moves faster with it.
  private func speedBound(_ u: Double) -> Double {
    let angle = 1.5 * .pi * (1 + 2 * u)
    return scale * 3 * .pi * (1 + angle * angle).squareRoot() / min(SwissRoll.deviation.x, SwissRoll.deviation.y)
  }
}
