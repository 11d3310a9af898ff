// COBA of Brette et al. 2007: Euler or exponential Euler, exponential conductances, spikes take one step.
// coba METHOD WARM_UP_STEPS STEPS FILE
#include "common.h"

// The method is known when the loop is compiled: a decision in it would keep it scalar.
template <bool exponential>
void run(char** argv) {
  const double began = now();
  constexpr int N = 4000, EXC = 3200, BLOCK = 80;
  constexpr double dt = 0.1, C = 200, tau = 20, E_L = -60, V_th = -50, V_reset = -60, E_inh = -80;
  const int hold = 50;
  Uniforms random(1);
  std::vector<uint32_t> rows(N + 1), targets;
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++)
      if (random() < 0.02 && i != j) targets.push_back(j);
    rows[i + 1] = targets.size();
  }
  Column V(N), E(N), I(N), onE(N), onI(N), until(N, -1);
  for (int i = 0; i < N; i++) {
    V[i] = -65 + 5 * random.gaussian();
    E[i] = 40 + 15 * random.gaussian();
    I[i] = 200 + 120 * random.gaussian();
  }
  const double keepE = std::exp(-dt / 5), keepI = std::exp(-dt / 10);
  const double shareE = (1 - keepE) * 5 / dt, shareI = (1 - keepI) * 10 / dt;
  Spikes spikes;

  auto advance = [&, keepE, keepI, shareE, shareI](int step) {
    double *__restrict v = V.data(), *__restrict e = E.data(), *__restrict g = I.data();
    double *__restrict a = onE.data(), *__restrict b = onI.data(), *__restrict held = until.data();
    const size_t first = spikes.steps.size();
    for (int from = 0; from < N; from += BLOCK) {
      int any = 0;
      #pragma omp simd reduction(| : any)
      for (int i = from; i < from + BLOCK; i++) {
        const double ge = shareE * e[i], gi = shareI * g[i];
        double after;
        if (exponential) {
          const double rate = 1 / tau + (ge + gi) / C;
          const double target = (E_L / tau + gi * E_inh / C) / rate;
          after = target + (v[i] - target) * std::exp(-dt * rate);
        } else {
          after = v[i] + dt * ((E_L - v[i]) / tau + (gi * (E_inh - v[i]) - ge * v[i]) / C);
        }
        e[i] = e[i] * keepE + a[i];
        g[i] = g[i] * keepI + b[i];
        a[i] = b[i] = 0;
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
      double* on = source < EXC ? a : b;
      const double w = source < EXC ? 6 : 67;
      for (uint32_t s = rows[source]; s < rows[source + 1]; s++) on[targets[s]] += w;
    }
  };
  measure(advance, spikes, std::atoi(argv[2]), std::atoi(argv[3]), began, argv[4]);
}

int main(int, char** argv) {
  if (std::string(argv[1]) == "exponentialEuler") run<true>(argv);
  else run<false>(argv);
}
