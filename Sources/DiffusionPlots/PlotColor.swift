/// A colour, opaque unless `alpha` says otherwise.
public struct PlotColor: Equatable, Sendable {
  /// sRGB as 0xRRGGBB.
  public var rgb: UInt32
  /// 1 is opaque, 0 invisible.
  public var alpha: Double

  /// A colour; what is above 24 bits is left out.
  public init(rgb: UInt32, alpha: Double = 1) {
    self.rgb = rgb & 0xFFFFFF
    self.alpha = alpha
  }

  /// The same colour with another alpha.
  public func opacity(_ alpha: Double) -> PlotColor {
    PlotColor(rgb: rgb, alpha: alpha)
  }

  // Okabe and Ito's colours, which stay apart for colour-blind readers, with softer greys.
  /// Okabe and Ito's blue.
  public static let blue = PlotColor(rgb: 0x0072B2)
  /// Okabe and Ito's vermilion.
  public static let vermilion = PlotColor(rgb: 0xD55E00)
  /// Okabe and Ito's green.
  public static let green = PlotColor(rgb: 0x009E73)
  /// Okabe and Ito's orange.
  public static let orange = PlotColor(rgb: 0xE69F00)
  /// Okabe and Ito's sky.
  public static let sky = PlotColor(rgb: 0x56B4E9)
  /// Okabe and Ito's purple.
  public static let purple = PlotColor(rgb: 0xCC79A7)
  /// A dark grey, for text and data.
  public static let ink = PlotColor(rgb: 0x333333)
  /// A softer grey, for references.
  public static let grey = PlotColor(rgb: 0x8A8A8A)

  /// The order in which series take colours.
  public static let palette: [PlotColor] = [.blue, .vermilion, .green, .orange, .purple, .sky]

  /// The colour of a series by its place, counted from 0; beyond the palette they begin anew.
  public static func series(_ index: Int) -> PlotColor { palette[Int(index.magnitude % UInt(palette.count))] }
}
