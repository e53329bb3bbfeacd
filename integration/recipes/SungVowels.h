// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A sound that a detector of speech takes for speech.

#ifndef OPTRUN_INTEGRATION_RECIPES_SUNGVOWELS_H
#define OPTRUN_INTEGRATION_RECIPES_SUNGVOWELS_H

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <vector>

namespace optrun::test {

/// Harmonics of a voice at about 120 Hz through formants that move as in changing vowels: for every
/// second of them, a second with nothing but a little noise.
struct SungVowels {
  static constexpr int64_t Rate = 16'000;

  static std::vector<float> seconds(int count) {
    std::vector<float> samples;
    double phase = 0;
    std::mt19937 random; // always the same
    for (int64_t i = 0; i != count * Rate; ++i) {
      const double time = static_cast<double>(i) / Rate;
      const double pitch = 120 + 20 * turn(2.3 * time);
      phase += pitch / Rate;
      samples.push_back(i / Rate % 2 == 0 ? static_cast<float>(0.1 * voice(time, pitch, phase))
                                          : 0);
    }
    return samples;
  }

private:
  static double turn(double turns) { return std::sin(2 * std::numbers::pi * turns); }

  static double voice(double time, double pitch, double phase) {
    double sum = 0;
    for (int harmonic = 1; harmonic != 30; ++harmonic)
      sum += loudness(harmonic * pitch, time) * turn(harmonic * phase);
    return sum;
  }

  static double loudness(double frequency, double time) {
    const auto formant = [&](double centre, double width) {
      return std::exp(-std::pow((frequency - centre) / width, 2));
    };
    return formant(500 + 300 * turn(3 * time), 150) +
           0.5 * formant(1500 + 500 * turn(2 * time), 200) + 0.2 * formant(2600, 250) + 0.02;
  }
};

} // namespace optrun::test

#endif // OPTRUN_INTEGRATION_RECIPES_SUNGVOWELS_H
