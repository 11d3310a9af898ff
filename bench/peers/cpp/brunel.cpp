// Brunel's network (2000) under a constant drive of 40 mV: mostly delivery of spikes, 1250 synapses each.
// brunel WARM_UP_STEPS STEPS FILE
#include "common.h"

int main(int, char** argv) {
  const double began = now();
  constexpr int N = 12500, EXC = 10000, BLOCK = 100, DELAY = 15;
  constexpr double dt = 0.1, tau = 20, drive = 40, V_th = 20, V_reset = 10, J = 0.1, g = 5;
  const int hold = 20;
  const double leak = 1 - std::exp(-dt / tau);
  Uniforms random(1);
  // Fixed in-degree: draw the sources of each target, then sort by source.
  std::vector<uint32_t> rows(N + 1), drawn, targets(size_t(N) * 1250);
  drawn.reserve(targets.size());
  for (int target = 0; target < N; target++)
    for (int k = 0; k < 1250; k++) {
      const uint32_t source = k < 1000 ? random() * EXC : EXC + random() * (N - EXC);
      drawn.push_back(source);
      rows[source + 1]++;
    }
  for (int i = 0; i < N; i++) rows[i + 1] += rows[i];
  std::vector<uint32_t> next(rows.begin(), rows.end() - 1);
  for (size_t s = 0; s < drawn.size(); s++) targets[next[drawn[s]]++] = s / 1250;
  Column V(N), until(N, -1), ring(size_t(N) * DELAY);
  for (double& v : V) v = 20 * random();
  Spikes spikes;

  auto advance = [&, leak](int step) {
    double *__restrict v = V.data(), *__restrict held = until.data();
    // Read and cleared before the step's own spikes are put into it: they arrive DELAY steps on.
    double* __restrict column = ring.data() + size_t(step % DELAY) * N;
    const size_t first = spikes.steps.size();
    for (int from = 0; from < N; from += BLOCK) {
      int any = 0;
      #pragma omp simd reduction(| : any)
      for (int i = from; i < from + BLOCK; i++) {
        const double after = v[i] + (drive - v[i]) * leak + column[i];
        column[i] = 0;
        v[i] = held[i] >= step ? V_reset : after;
        any |= v[i] >= V_th;
      }
      if (!any) continue;
      for (int i = from; i < from + BLOCK; i++)
        if (v[i] >= V_th) {
          v[i] = V_reset;
          held[i] = step + hold;
          spikes.add(step, i);
        }
    }
    for (size_t k = first; k < spikes.steps.size(); k++) {
      const int source = spikes.neurons[k];
      const double w = source < EXC ? J : -g * J;
      for (uint32_t s = rows[source]; s < rows[source + 1]; s++) column[targets[s]] += w;
    }
  };
  measure(advance, spikes, std::atoi(argv[1]), std::atoi(argv[2]), began, argv[3]);
}
