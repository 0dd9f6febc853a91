import DiffusionDSL
import DiffusionPlots
import ExampleSupport
import Foundation

/// Which species, and which sex, are the penguins whose sex is missing, by the length and depth of their bills alone?
struct Query: Sendable {
  /// A penguin whose sex is missing, and what the model says given its bill.
  struct Bird: Sendable {
    /// Its row in the table, counted from 1.
    let number: Int
    let record: Record
    let answer: PosteriorAnswer
    /// The probability of each species.
    let species: [PosteriorAnswer.Estimate]
    /// That of each sex.
    let sex: [PosteriorAnswer.Estimate]

    init(number: Int, record: Record, answer: PosteriorAnswer) throws {
      self.number = number
      self.record = record
      self.answer = answer
      let (species, sex) = (PenguinFields.species, PenguinFields.sex)
      let estimates = (try answer.probabilities(of: species), try answer.probabilities(of: sex))
      self.species = species.labels.compactMap { estimates.0[$0] }
      self.sex = sex.labels.compactMap { estimates.1[$0] }
    }
  }

  let birds: [Bird]
}

extension Study {
  /// Asks the model for the posterior of each penguin whose sex is missing, but whose bill was measured.
  func query(_ model: TrainedDiffusion) throws -> Query {
    let (length, depth) = (PenguinFields.billLength, PenguinFields.billDepth)
    let asked = recorded.indices.filter { row in
      let record = recorded[row]
      return record[PenguinFields.sex] == nil && record[length] != nil && record[depth] != nil
    }
    let posteriors = asked.map { row in
      model.posterior {
        Observe(length, equals: recorded[row][length] ?? .nan)
        Observe(depth, equals: recorded[row][depth] ?? .nan)
      }
    }
    let answers = try Posterior.sample(
      1_000, from: posteriors,
      method: .particles(options.quick ? 200 : 1_000, repeats: options.quick ? 3 : 10), seed: options.seed,
      options: computation)
    return Query(
      birds: try zip(asked, answers).map { try Query.Bird(number: $0 + 1, record: recorded[$0], answer: $1) })
  }

  /// The posteriors in words.
  func results(_ query: Query) -> String {
    let species = PenguinFields.species.labels
    let (length, depth) = (PenguinFields.billLength, PenguinFields.billDepth)
    var table = TextTable(
      ["sex missing in row", "bill, mm", "recorded as"] + species.map { "P(\($0))" } + [
        "P(male)", "log p(bill)", "s.e.",
      ],
      alignments: [.right, .left, .left])
    for bird in query.birds {
      let size = [length, depth].map { decimals(bird.record[$0] ?? .nan, 1) }.joined(separator: " x ")
      table.add(
        ["\(bird.number)", size, bird.record[PenguinFields.species] ?? "-"]
          + bird.species.map { decimals($0.value) }
          + [
            decimals(bird.sex.last?.value ?? .nan), decimals(bird.answer.logEvidence),
            decimals(bird.answer.logEvidenceStandardError ?? .nan),
          ])
    }
    let errors = query.birds.flatMap { $0.species + $0.sex }.compactMap(\.standardError)
    return "\(table)\n\nPosteriors of the model of all rows given the bill's length and depth alone; probabilities are "
      + "known to +- \(decimals(errors.max() ?? .nan)) or better."
  }

  /// The bills on the plane of all bills, and the posteriors as bars.
  func posterior(_ query: Query) -> Figure {
    let species = PenguinFields.species.labels
    let (lengths, depths) = (PenguinFields.billLength, PenguinFields.billDepth)
    func points(of label: String, _ records: [Record]) -> (x: [Double], y: [Double]) {
      let own = records.filter { $0[PenguinFields.species] == label }
      return (own.map { $0[lengths] ?? .nan }, own.map { $0[depths] ?? .nan })
    }
    let ranges = (x: 30.0...62.0, y: 12.0...23.0)
    var layers: [PlotLayer] = []
    for (label, name) in species.enumerated() {
      let (x, y) = points(of: name, Array(recorded))
      layers.append(.scatter(x: x, y: y, color: .series(label).opacity(0.45), size: 0.8, label: name))
    }
    for (label, name) in species.enumerated() {
      let (x, y) = points(of: name, query.birds.map(\.record))
      layers += [.scatter(x: x, y: y, color: .ink, size: 2), .scatter(x: x, y: y, color: .series(label), size: 1.4)]
    }
    for (index, bird) in query.birds.enumerated() {
      func fraction(_ field: Continuous, _ range: ClosedRange<Double>) -> Double {
        ((bird.record[field] ?? .nan) - range.lowerBound) / (range.upperBound - range.lowerBound)
      }
      let digits = 0.02 * Double("\(bird.number)".count - 1)
      layers.append(
        // To the left and right in turn, for neighbours in the table have similar bills.
        .note(
          "\(bird.number)", x: fraction(lengths, ranges.x) + (index.isMultiple(of: 2) ? 0.02 : -0.045 - digits),
          y: fraction(depths, ranges.y)))
    }
    let plane = Panel(
      title: "bills; marked with their row: sex missing", x: .init("bill length, mm", range: ranges.x),
      y: .init("bill depth, mm", range: ranges.y), legend: .bottomRight, layers: layers)
    return Figure(
      panelSize: (340, 300),
      panels: [
        [
          plane,
          query.bars(
            "species given the bill; dots: as recorded", PenguinFields.species, colors: PlotColor.palette, \.species),
          query.bars("sex given the bill", PenguinFields.sex, colors: [.purple, .sky], \.sex),
        ]
      ])
  }
}

extension Query {
  /// The posterior of a field for each bird, beside what is recorded.
  fileprivate func bars(
    _ title: String, _ field: some Field, colors: [PlotColor], _ probabilities: (Bird) -> [PosteriorAnswer.Estimate]
  ) -> Panel {
    .stackedShares(
      of: birds.map { bird in
        Panel.StackedBar(
          "\(bird.number)", shares: probabilities(bird).map(\.value),
          known: bird.record[field.name].flatMap { field.column.labels?.firstIndex(of: "\($0)") })
      }, labels: field.column.labels ?? [], title: title, x: "row", colors: colors)
  }
}
