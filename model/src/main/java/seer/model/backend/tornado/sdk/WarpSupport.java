package seer.model.backend.tornado.sdk;

import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import seer.warp.Extension;

/// Whether kernels may use the operations of a warp, [seer.warp]: on TornadoVM through Seer's compiler extension, on
/// the simulator by themselves.
///
/// @param obstacle   why not, without the full stop; null where they may
/// @param capability compute capability of the device, times ten; 0 where they may not
public record WarpSupport(String obstacle, int capability) {
    /// What the simulator stands for.
    private static final int SIMULATED = 90;

    private static WarpSupport found;

    /// Looks for the extension and installs it, once for the process and before the first kernel is compiled.
    static synchronized WarpSupport of(boolean simulated) {
        if (simulated) {
            return new WarpSupport(null, SIMULATED);
        }
        if (found == null) {
            found = look();
        }
        return found;
    }

    private static WarpSupport look() {
        Optional<Extension> extension;
        try {
            extension = Extension.find();
        } catch (ServiceConfigurationError | LinkageError e) {
            return new WarpSupport("the compiler extension does not load: " + e.getMessage(), 0);
        }
        if (extension.isEmpty()) {
            return new WarpSupport("the compiler extension is not built; setup.sh --tornadovm builds it", 0);
        }
        boolean told = Boolean.getBoolean("seer.warp.log");
        return extension.get().install(line -> {
            if (told) {
                System.err.println(line);
            }
        }).map(obstacle -> new WarpSupport(obstacle, 0))
                .orElseGet(() -> new WarpSupport(null, extension.get().capability()));
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

    /// The extension, where it is active.
    private static synchronized Optional<Extension> extension() {
        return found == null || found.obstacle() != null ? Optional.empty() : Extension.find();
    }
}
