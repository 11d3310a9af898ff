// 10,000 neurons without synapses under a constant current: the cases of bench/cases/models.ts.
// neurons MODEL WARM_UP_STEPS STEPS FILE
#include "common.h"

constexpr int N = 10000, BLOCK = 80;

// Values spread evenly over [low, high) without a pattern.
Column spread(double low, double high) {
  Column column(N);
  for (int i = 0; i < N; i++) column[i] = low + std::fmod(i * 0.618033988749895, 1) * (high - low);
  return column;
}
Column same(double value) { return Column(N, value); }

// Each model advances a block and says whether a neuron of it fired; `fires` and `fire` then look at single neurons.
// Pointers are local and __restrict, or the compiler would fear that columns overlap.

struct Reset {
  static constexpr double dt = 0.1;
  static constexpr int hold = 20;
  Column v, until = same(-1);
};

struct Lif : Reset {
  static constexpr double E_L = -70, V_th = -55;
  double leak = -std::expm1(-dt / 10), drive = 400 * leak * 10 / 250;
  Lif() { v = spread(-70, -55); }
  int advance(int from, double step) {
    double *__restrict V = v.data(), *__restrict held = until.data();
    int any = 0;
    #pragma omp simd reduction(| : any)
    for (int i = from; i < from + BLOCK; i++) {
      const double after = V[i] + (E_L - V[i]) * leak + drive;
      V[i] = held[i] >= step ? E_L : after;
      any |= V[i] >= V_th;
    }
    return any;
  }
  bool fires(int i) { return v[i] >= V_th; }
  void fire(int i, double step) { v[i] = E_L, until[i] = step + hold; }
};

struct NoisyLif : Lif {
  Uniforms random{1};
  double drive = 300 * leak * 10 / 250, kick = 400.0 / 250 * std::sqrt(-0.5 * 10 * std::expm1(-2 * dt / 10));
  int advance(int from, double step) {
    double noise[BLOCK];
    gaussians(random, noise, BLOCK);
    double *__restrict V = v.data(), *__restrict held = until.data();
    int any = 0;
    #pragma omp simd reduction(| : any)
    for (int i = from; i < from + BLOCK; i++) {
      const double after = V[i] + (E_L - V[i]) * leak + drive + kick * noise[i - from];
      V[i] = held[i] >= step ? E_L : after;
      any |= V[i] >= V_th;
    }
    return any;
  }
};

struct Qif : Reset {
  static constexpr double V_peak = 30, V_reset = -65, curvature = 0.5 / 20, drive = 55.0 / 20;
  Qif() { v = spread(-65, -50); }
  int advance(int from, double step) {
    double *__restrict V = v.data(), *__restrict held = until.data();
    int any = 0;
    #pragma omp simd reduction(| : any)
    for (int i = from; i < from + BLOCK; i++) {
      const double after = V[i] + dt * (curvature * (V[i] + 70) * (V[i] + 50) + drive);
      V[i] = held[i] >= step ? V_reset : after;
      any |= V[i] >= V_peak;
    }
    return any;
  }
  bool fires(int i) { return v[i] >= V_peak; }
  void fire(int i, double step) { v[i] = V_reset, until[i] = step + hold; }
};

template <bool NOISE>
struct Izhikevich : Reset {
  static constexpr double a = 0.02, b = 0.2, c = -65, d = 8, V_peak = 30;
  static constexpr double I = NOISE ? 5 : 10, kick = 5 / 0.31622776601683794;
  Uniforms random{1};
  Column u = same(-13);
  Izhikevich() { v = spread(-70, -60); }
  int advance(int from, double step) {
    double noise[BLOCK] = {};
    if (NOISE) gaussians(random, noise, BLOCK);
    double *__restrict V = v.data(), *__restrict U = u.data(), *__restrict held = until.data();
    int any = 0;
    #pragma omp simd reduction(| : any)
    for (int i = from; i < from + BLOCK; i++) {
      const double input = NOISE ? I + kick * noise[i - from] : I;
      const double after = V[i] + dt * ((0.04 * V[i] + 5) * V[i] + 140 + (input - U[i]));
      U[i] += dt * (a * b * V[i] - a * U[i]);
      V[i] = held[i] >= step ? c : after;
      any |= V[i] >= V_peak;
    }
    return any;
  }
  bool fires(int i) { return v[i] >= V_peak; }
  void fire(int i, double step) { v[i] = c, u[i] += d, until[i] = step + hold; }
};

struct Adex : Reset {
  static constexpr double C = 281, g_L = 30, E_L = -70.6, V_T = -50.4, Delta_T = 2, V_peak = 20, a = 4, b = 80.5, tau_w = 144;
  static constexpr double I = 1000;
  Column w = same(0);
  Adex() { v = spread(-70, -55); }
  int advance(int from, double step) {
    double *__restrict V = v.data(), *__restrict W = w.data(), *__restrict held = until.data();
    int any = 0;
    #pragma omp simd reduction(| : any)
    for (int i = from; i < from + BLOCK; i++) {
      const double upstroke = g_L * Delta_T * std::exp((V[i] - V_T) / Delta_T);
      const double after = V[i] + dt * ((g_L * (E_L - V[i]) + upstroke + (I - W[i])) / C);
      W[i] += dt * ((a * (V[i] - E_L) - W[i]) / tau_w);
      V[i] = held[i] >= step ? E_L : after;
      any |= V[i] >= V_peak;
    }
    return any;
  }
  bool fires(int i) { return v[i] >= V_peak; }
  void fire(int i, double step) { v[i] = E_L, w[i] += b, until[i] = step + hold; }
};

// Membrane models: a spike is an upward crossing, counted again only after v has been below a lower level.
struct Crossing {
  Column v, armed = same(1), fired = same(0);
  bool fires(int i) { return fired[i] != 0; }
  void fire(int, double) {}
};

#define CROSS(i, after, V_th, rearm)                                     \
  f[i] = (after) >= (V_th) ? on[i] : 0;                                  \
  on[i] = (after) >= (V_th) ? 0.0 : (after) < (rearm) ? 1.0 : on[i];     \
  any |= f[i] != 0;

/// The classical Runge-Kutta method for two states.
template <class Slopes>
inline void rk4(double& v, double& w, double dt, Slopes slopes) {
  double a1, b1, a2, b2, a3, b3, a4, b4;
  slopes(v, w, a1, b1);
  slopes(v + 0.5 * dt * a1, w + 0.5 * dt * b1, a2, b2);
  slopes(v + 0.5 * dt * a2, w + 0.5 * dt * b2, a3, b3);
  slopes(v + dt * a3, w + dt * b3, a4, b4);
  v += dt / 6 * (a1 + a4 + 2 * (a2 + a3));
  w += dt / 6 * (b1 + b4 + 2 * (b2 + b3));
}

struct FitzhughNagumo : Crossing {
  static constexpr double dt = 0.1;
  Column w = same(-0.6);
  FitzhughNagumo() { v = spread(-1.5, -0.5); }
  int advance(int from, double) {
    double *__restrict V = v.data(), *__restrict W = w.data(), *__restrict on = armed.data(), *__restrict f = fired.data();
    int any = 0;
    #pragma omp simd reduction(| : any)
    for (int i = from; i < from + BLOCK; i++) {
      double x = V[i], y = W[i];
      rk4(x, y, dt, [](double p, double q, double& dp, double& dq) {
        dp = p - p * p * p / 3 - q + 0.5;
        dq = (p + 0.7 - 0.8 * q) / 12.5;
      });
      V[i] = x, W[i] = y;
      CROSS(i, x, 0.0, -0.2)
    }
    return any;
  }
};

struct MorrisLecar : Crossing {
  static constexpr double dt = 0.1;
  Column w = same(0.1);
  MorrisLecar() { v = spread(-40, -20); }
  int advance(int from, double) {
    double *__restrict V = v.data(), *__restrict W = w.data(), *__restrict on = armed.data(), *__restrict f = fired.data();
    int any = 0;
    #pragma omp simd reduction(| : any)
    for (int i = from; i < from + BLOCK; i++) {
      double x = V[i], y = W[i];
      // Two exponentials give the two tangents and the cosine.
      rk4(x, y, dt, [](double p, double q, double& dp, double& dq) {
        const double m = 1 / (1 + std::exp(-2 / 18.0 * (p + 1.2)));
        const double e = std::exp(-1 / 60.0 * (p - 2)), e2 = e * e;
        dp = (2 * (-60 - p) + 4.4 * m * (120 - p) + 8 * q * (-84 - p) + 100) / 20;
        dq = 0.02 * (e + 1 / e) * (1 / (1 + e2 * e2) - q);
      });
      V[i] = x, W[i] = y;
      CROSS(i, x, 0.0, -5.0)
    }
    return any;
  }
};

/// x / (e^x - 1) with the exponential at hand; a selection, because a branch would keep the loop scalar.
inline double ratio(double x, double e) {
  const double near = 1 - 0.5 * x, far = x / (e - 1);
  return std::fabs(x) < 1e-5 ? near : far;
}

struct Gated : Crossing {
  static constexpr double dt = 0.05;
  Column m, h, n;
  /// One step of exponential Euler for all states.
  template <class Rates>
  int step(int from, double C, double g_Na, double g_K, double g_L, double E_K, double E_L, double I, double V_th, Rates rates) {
    double *__restrict V = v.data(), *__restrict M = m.data(), *__restrict H = h.data(), *__restrict K = n.data();
    double *__restrict on = armed.data(), *__restrict f = fired.data();
    int any = 0;
    #pragma omp simd reduction(| : any)
    for (int i = from; i < from + BLOCK; i++) {
      const double sodium = g_Na * M[i] * M[i] * M[i] * H[i], potassium = g_K * K[i] * K[i] * K[i] * K[i];
      const double conductance = g_L + sodium + potassium;
      const double target = (g_L * E_L + sodium * 50 + potassium * E_K + I) / conductance;
      const double after = target + (V[i] - target) * std::exp(-dt * conductance / C);
      double am, bm, ah, bh, an, bn;
      rates(V[i], am, bm, ah, bh, an, bn);
      M[i] = am / (am + bm) + (M[i] - am / (am + bm)) * std::exp(-dt * (am + bm));
      H[i] = ah / (ah + bh) + (H[i] - ah / (ah + bh)) * std::exp(-dt * (ah + bh));
      K[i] = an / (an + bn) + (K[i] - an / (an + bn)) * std::exp(-dt * (an + bn));
      V[i] = after;
      CROSS(i, after, V_th, V_th - 5)
    }
    return any;
  }
};

struct HodgkinHuxley : Gated {
  HodgkinHuxley() { v = spread(-70, -60), m = same(0.05), h = same(0.6), n = same(0.32); }
  int advance(int from, double) {
    return step(from, 1, 120, 36, 0.3, -77, -54.387, 10, 0, [](double v, double& am, double& bm, double& ah, double& bh, double& an, double& bn) {
      const double u = v + 65, p = std::exp(u / -80), p2 = p * p, p4 = p2 * p2, p8 = p4 * p4;
      am = ratio(0.1 * (25 - u), 12.182493960703473 * p8);  // e^2.5
      bm = 4 * std::exp(u / -18);
      ah = 0.07 * p4;
      bh = 1 / (20.085536923187668 * p8 + 1);  // e^3
      an = 0.1 * ratio(0.1 * (10 - u), 2.718281828459045 * p8);
      bn = 0.125 * p;
    });
  }
};

struct TraubMiles : Gated {
  TraubMiles() { v = spread(-70, -60), m = same(0.02), h = same(0.9), n = same(0.05); }
  int advance(int from, double) {
    return step(from, 200, 20000, 6000, 10, -90, -60, 50, -20, [](double v, double& am, double& bm, double& ah, double& bh, double& an, double& bn) {
      const double u = v + 63, p = std::exp(u / -40), p2 = p * p, p4 = p2 * p2, p8 = p4 * p4;
      const double e8 = 2980.9579870417283, x = 0.2 * (40 - u);
      am = 1.28 * ratio(0.25 * (13 - u), 25.790339917193062 * p8 * p2);  // e^(13/4)
      bm = 1.4 * (x + ratio(x, e8 * p8));                               // y/(e^y - 1) at y = -x
      ah = 0.128 * 2.5713567101374706 * std::exp(u / -18);              // e^(17/18)
      bh = 4 / (1 + e8 * p8);
      an = 0.16 * ratio(0.2 * (15 - u), 20.085536923187668 * p8);       // e^3
      bn = 0.5 * 1.2840254166877414 * p;                                // e^(1/4)
    });
  }
};

template <class Model>
int simulate(char** argv) {
  const double began = now();
  Model model;
  Spikes spikes;
  auto advance = [&](int step) {
    for (int from = 0; from < N; from += BLOCK)
      if (model.advance(from, step))
        for (int i = from; i < from + BLOCK; i++)
          if (model.fires(i)) {
            model.fire(i, step);
            spikes.add(step, i);
          }
  };
  measure(advance, spikes, std::atoi(argv[2]), std::atoi(argv[3]), began, argv[4]);
  return 0;
}

int main(int, char** argv) {
  const std::string model = argv[1];
  if (model == "lif") return simulate<Lif>(argv);
  if (model == "noise") return simulate<NoisyLif>(argv);
  if (model == "qif") return simulate<Qif>(argv);
  if (model == "izhikevich") return simulate<Izhikevich<false>>(argv);
  if (model == "izhikevichNoise") return simulate<Izhikevich<true>>(argv);
  if (model == "adex") return simulate<Adex>(argv);
  if (model == "fitzhughNagumo") return simulate<FitzhughNagumo>(argv);
  if (model == "morrisLecar") return simulate<MorrisLecar>(argv);
  if (model == "hodgkinHuxley") return simulate<HodgkinHuxley>(argv);
  if (model == "traubMiles") return simulate<TraubMiles>(argv);
  return 2;
}
