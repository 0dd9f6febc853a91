/// A floating-point number of 16 bits (IEEE 754 binary16): Swift's `Float16` is not there on every platform.
struct HalfFloat: Equatable {
  /// Sign, 5 bits of exponent, 10 of fraction.
  let bits: UInt16

  init(bits: UInt16) { self.bits = bits }

  /// The nearest number, the even one of two; infinite where all are too small.
  init(_ value: Double) {
    let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
    let size = value.magnitude
    if value.isNaN {
      bits = sign | 0x7E00
    } else if size >= 65_520 {
      bits = sign | 0x7C00
    } else {
      // Steps of the fraction at the number's exponent. A fraction that rounds up to 1024 carries into the exponent.
      let exponent = max(-14, size == 0 ? -14 : Int(size.exponent))
      let steps = Int((size * Double(sign: .plus, exponent: 10 - exponent, significand: 1)).rounded(.toNearestOrEven))
      bits = sign | UInt16((exponent + 14) * 1_024 + steps)
    }
  }

  /// The number, exactly.
  var value: Double {
    let sign: FloatingPointSign = bits & 0x8000 == 0 ? .plus : .minus
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = Double(bits & 0x3FF)
    switch exponent {
    case 0: return Double(sign: sign, exponent: -24, significand: fraction)
    case 31: return fraction == 0 ? (sign == .plus ? .infinity : -.infinity) : .nan
    default: return Double(sign: sign, exponent: exponent - 25, significand: 1_024 + fraction)
    }
  }
}
