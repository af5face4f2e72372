package seer.run.bench;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import seer.model.backend.Backend;

/// What kernels take on the device, apart from launches, transfers and the host.
public final class KernelClock {
    private KernelClock() { }

    /// Whether the kernels of a backend can be measured.
    public static boolean canMeasure(Backend backend) {
        boolean can = backend.measureKernels(true);
        backend.measureKernels(false);
        return can;
    }

    /// Milliseconds of each kernel in one piece of work, mean of so many.
    static Map<String, Double> mean(Backend backend, int repetitions, Runnable work) {
        if (!backend.measureKernels(true)) {
            return Map.of();
        }
        try {
            backend.kernelMillis();
            for (int i = 0; i < repetitions; i++) {
                work.run();
            }
            var mean = new LinkedHashMap<String, Double>();
            backend.kernelMillis().forEach((kernel, millis) -> mean.put(kernel, millis / repetitions));
            return mean;
        } finally {
            backend.measureKernels(false);
        }
    }

    /// Each kernel's, the longest first; null where none was measured.
    static String words(Map<String, Double> kernels) {
        return kernels.isEmpty() ? null : kernels.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .map(kernel -> String.format(Locale.ROOT, "%s %.3f", kernel.getKey(), kernel.getValue()))
                .collect(Collectors.joining("; "));
    }

    /// Of all kernels; null where none was measured.
    static Double sum(Map<String, Double> kernels) {
        return kernels.isEmpty() ? null : kernels.values().stream().mapToDouble(millis -> millis).sum();
    }
}
