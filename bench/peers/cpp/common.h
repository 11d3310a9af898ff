// What the C++ twins share: random numbers, the clock, the line of results.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

using Column = std::vector<double>;

/// CPU time in seconds.
inline double now() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

/// xoshiro256+, eight generators side by side, so that the compiler makes vectors of them.
class Uniforms {
  static constexpr int LANES = 8;
  uint64_t s[4][LANES];

 public:
  explicit Uniforms(uint64_t seed) {
    for (auto& word : s)
      for (auto& lane : word) {  // SplitMix64
        uint64_t z = seed += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        lane = z ^ (z >> 31);
      }
  }

  /// Numbers in [0, 1); `n` is a multiple of 8.
  void fill(double* out, int n) {
    for (int i = 0; i < n; i += LANES) {
      uint64_t bits[LANES];
      for (int k = 0; k < LANES; k++) {
        bits[k] = ((s[0][k] + s[3][k]) >> 12) | 0x3ff0000000000000;
        const uint64_t t = s[1][k] << 17;
        s[2][k] ^= s[0][k];
        s[3][k] ^= s[1][k];
        s[1][k] ^= s[2][k];
        s[0][k] ^= s[3][k];
        s[2][k] ^= t;
        s[3][k] = (s[3][k] << 45) | (s[3][k] >> 19);
      }
      std::memcpy(out + i, bits, sizeof bits);
      for (int k = 0; k < LANES; k++) out[i + k] -= 1;
    }
  }

  double operator()() {
    if (left == 0) {
      fill(buffer, 64);
      left = 64;
    }
    return buffer[--left];
  }

  double gaussian() { return std::sqrt(-2 * std::log(1 - (*this)())) * std::cos(2 * M_PI * (*this)()); }

 private:
  double buffer[64];
  int left = 0;
};

/// Box-Muller in separate loops: together, sin and cos would become one call that has no vector version.
inline void gaussians(Uniforms& uniforms, double* out, int n) {
  constexpr int HALF = 128;
  double u[2 * HALF], radius[HALF];
  for (int first = 0; first < n; first += 2 * HALF) {
    const int half = std::min(HALF, (n - first) / 2);
    uniforms.fill(u, (2 * half + 7) / 8 * 8);
    for (int i = 0; i < half; i++) radius[i] = std::sqrt(-2 * std::log(1 - u[i]));
    for (int i = 0; i < half; i++) out[first + i] = radius[i] * std::cos(2 * M_PI * u[half + i]);
    for (int i = 0; i < half; i++) out[first + half + i] = radius[i] * std::sin(2 * M_PI * u[half + i]);
  }
}

/// Spikes as steps and neurons.
struct Spikes {
  std::vector<int32_t> steps, neurons;
  void add(int step, int neuron) {
    steps.push_back(step);
    neurons.push_back(neuron);
  }
};

/// Runs `advance(step)` for a warm-up, then for the measured steps; writes the spikes to a file and says what it took.
template <class Advance>
void measure(Advance advance, Spikes& spikes, int warmUp, int steps, double began, const char* file) {
  const double built = now();
  for (int step = 0; step < warmUp; step++) advance(step);
  const size_t before = spikes.steps.size();
  const double start = now();
  for (int step = warmUp; step < warmUp + steps; step++) advance(step);
  const double simulate = now() - start;
  if (FILE* out = std::fopen(file, "wb")) {
    std::fwrite(spikes.steps.data(), 4, spikes.steps.size(), out);
    std::fwrite(spikes.neurons.data(), 4, spikes.neurons.size(), out);
    std::fclose(out);
  }
  std::printf("{\"setup\": %.6f, \"simulate\": %.6f, \"spikes\": %zu}\n", built - began, simulate,
              spikes.steps.size() - before);
}
