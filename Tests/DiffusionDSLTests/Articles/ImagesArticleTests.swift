// article
import DiffusionDSL
// end of article
import Testing

// The regions between the two marks are the Swift blocks of the article Images.md, in its order; one test runs them, the
// other compares the texts.

@Suite struct ImagesArticleTests {
  @Test func articleRuns() async throws {
    // article
    let size = ImageShape(width: 12, height: 10)
    let model = Diffusion {
      GaussianKernel(image: size)
      ConstantErasure(steps: 40)
      ReverseNetwork(mean: .velocity) {
        MultiScaleConvolution(channels: 6, kernel: 3, scales: 3, activation: .softplus)
        PerPixel(8, activation: .tanh)
        Readout(.bumps(6, spacing: .signalToNoise))
      }
    }
    // end of article

    // article
    let pixels = (0..<200 * 120).map { place -> UInt8 in
      let gray: Int = 100 + place % 12 * 8 + place * 7 % 23
      return UInt8(gray)
    }
    let pictures = try Dataset(levels: pixels, dimensions: 120)
    let trained = try await model.fit(
      to: pictures, using: .adam(rate: 3e-3), steps: 60, seed: 1,
      options: TrainingOptions(batchSize: 64, scaling: .whole))
    // end of article

    // article
    let bound = try trained.lowerBound(on: pictures, seed: 2)
    print(bound.bitsPerDim ?? 0, "bits/dim")
    print(bound.bitsPerPixel ?? 0, "bits a pixel in gray levels")
    print(bound.scaledBitsPerPixel ?? 0, "bits a pixel of the scaled pictures")
    // end of article
    #expect(bound.bitsPerDim.map { $0 < 8 } == true)

    // article
    let samples = try trained.sample(4, seed: 3)
    let large = try trained.resized(to: ImageShape(width: 30, height: 17))
    let wide = try large.sample(1, seed: 3)
    print(samples.count, wide[0].count)
    // end of article
    #expect(samples.count == 4 && wide[0].count == 510)

    // article
    let known = (0..<120).map { $0 % 12 < 6 }
    let completions = try trained.posterior {
      Observe(mask: known, equals: pictures[0])
    }.sample(2, seed: 4)
    print(completions.samples.count)
    // end of article

    // article
    let leaves = try DeadLeaves(width: 48, height: 40).images(3, seed: 5)
    let patches = try leaves.windows(width: 12, height: 10, stride: 6)
    let more = try patches.appending(patches.mirrored)
    print(more)
    // end of article
    #expect(more.count == 2 * 3 * 7 * 6)

    // article
    let fast = try trained.strided(steps: 10)
    print(try fast.lowerBound(on: pictures, seed: 2).bits, "of", bound.bits)
    print(try fast.deterministicSample(2, seed: 3).count)
    // end of article
    #expect(try fast.lowerBound(on: pictures, seed: 2).bits < bound.bits)

    // article
    let noisy = [pictures[0], pictures[1]]
    let draws = try trained.denoised(noisy, standardDeviation: 40, draws: 16, seed: 4)
    print(draws[0].count, "draws of", draws[0].dimensions, "pixels for each picture")
    // end of article
    #expect(draws.count == 2 && draws[1].count == 16)
    let picture = pictures[0]
    for row in completions.samples {
      for place in known.indices where known[place] { #expect(row[place] == picture[place]) }
    }
  }

  @Test func articleSaysWhatRuns() throws {
    try Article.compare("Images.md", with: #filePath, blocks: 9)
  }
}
