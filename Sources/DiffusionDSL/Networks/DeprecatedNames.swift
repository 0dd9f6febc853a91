// Deprecated names, kept for one release.

/// A renamed type: `AnySchedule`.
@available(*, deprecated, renamed: "AnySchedule")
public typealias ScheduleDefinition = AnySchedule

/// A renamed type: `AnyLayer`.
@available(*, deprecated, renamed: "AnyLayer")
public typealias Layer = AnyLayer

extension DiffusionSchedule {
  /// The schedule as a value.
  @available(*, deprecated, message: "a schedule has its steps and betas itself; AnySchedule(_:) holds any")
  public var definition: AnySchedule { AnySchedule(self) }
}

extension NetworkLayer {
  /// The layer as a value.
  @available(*, deprecated, message: "AnyLayer(_:) holds any layer")
  public var layer: AnyLayer { AnyLayer(self) }
}
