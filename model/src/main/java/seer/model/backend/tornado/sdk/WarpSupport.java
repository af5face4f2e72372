package seer.model.backend.tornado.sdk;

import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import seer.model.backend.HostLaps;
import seer.model.backend.Laps;
import seer.warp.Extension;

/// Whether kernels may use the operations of a warp, [seer.warp]: on TornadoVM through Seer's compiler extension, on
/// the simulator by themselves.
///
/// @param obstacle   why not, without the full stop; null where they may
/// @param capability compute capability of the device, times ten; 0 where they may not
public record WarpSupport(String obstacle, int capability) {
    /// What the simulator stands for.
    private static final int SIMULATED = 90;

    private static Found found;

    /// @param extension where it is active, else null
    private record Found(WarpSupport support, Extension extension) { }

    /// Looks for the extension and installs it, once for the process and before the first kernel is compiled.
    static synchronized WarpSupport of(boolean simulated) {
        if (simulated) {
            return new WarpSupport(null, SIMULATED);
        }
        if (found == null) {
            found = look();
        }
        return found.support;
    }

    private static Found look() {
        Optional<Extension> extension;
        try {
            extension = Extension.find();
        } catch (ServiceConfigurationError | LinkageError e) {
            return without("the compiler extension does not load: " + e.getMessage());
        }
        if (extension.isEmpty()) {
            return without("the compiler extension is not built; setup.sh --tornadovm builds it");
        }
        boolean told = Boolean.getBoolean("seer.warp.log");
        return extension.get().install(line -> {
            if (told) {
                System.err.println(line);
            }
        }).map(WarpSupport::without)
                .orElseGet(() -> new Found(new WarpSupport(null, extension.get().capability()), extension.get()));
    }

    private static Found without(String obstacle) {
        return new Found(new WarpSupport(obstacle, 0), null);
    }

    /// Begins or ends measuring kernels, where the extension is active; whether it is.
    public static boolean measure(boolean wanted) {
        extension().ifPresent(extension -> extension.measure(wanted));
        return extension().isPresent();
    }

    /// Milliseconds by kernel since the last call, where the extension is active.
    public static Map<String, Double> kernelMillis() {
        return extension().map(Extension::times).orElse(Map.of());
    }

    /// Waits until the device has done all that was started. Where the extension is not active, TornadoVM has waited
    /// for each graph.
    public static void await() {
        extension().ifPresent(Extension::await);
    }

    /// Measures what is started from now on.
    public static Laps laps(int parts) {
        return extension().<Laps>map(extension -> new DeviceLaps(extension, parts))
                .orElseGet(() -> new HostLaps(parts));
    }

    /// The extension, where it is active.
    private static synchronized Optional<Extension> extension() {
        return found == null ? Optional.empty() : Optional.ofNullable(found.extension);
    }
}
