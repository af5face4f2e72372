package seer.model.backend.tornado.device;

import java.util.regex.Pattern;
import seer.model.backend.BackendUnavailableException;
import seer.model.backend.tornado.sdk.Installation;
import uk.ac.manchester.tornado.api.exceptions.TornadoOutOfMemoryException;

/// What TornadoVM throws, in one sentence.
final class Failures {
    /// How TornadoVM says that the driver refuses.
    private static final Pattern ASKED = Pattern.compile("Unable to allocate (.*) on the .*\\(cuMemAlloc status");

    private Failures() { }

    /// Runs something of TornadoVM's.
    ///
    /// @throws BackendUnavailableException in place of what that throws
    static void explain(Runnable work) {
        try {
            work.run();
        } catch (TornadoOutOfMemoryException e) {
            throw full(e);
        } catch (RuntimeException | Error e) {
            // TornadoVM's compiler gives up with exceptions and errors of its own and of the Graal compiler.
            if (e.getClass().getName().matches("(uk\\.ac\\.manchester\\.tornado|jdk\\.graal)\\..*")) {
                throw unable(e);
            }
            throw e;
        }
    }

    /// The limit that TornadoVM keeps to is reached; or the driver has no more, which raising that does not help.
    private static BackendUnavailableException full(TornadoOutOfMemoryException e) {
        String said = line(e);
        var asked = ASKED.matcher(said);
        return asked.find() ? new BackendUnavailableException(Installation.NAME,
                "the device has not the " + asked.group(1) + " left that are asked for",
                "end what else runs there, name it fewer times in --devices, shorten the text, or read it in smaller "
                        + "chunks (--chunk)", e)
                : new BackendUnavailableException(Installation.NAME, "the device has not enough memory: " + said,
                "raise -Dtornado.device.memory, shorten the text, or read it in smaller chunks (--chunk)", e);
    }

    private static BackendUnavailableException unable(Throwable e) {
        return new BackendUnavailableException(Installation.NAME, "a kernel cannot be compiled or started: " + line(e),
                "-Dtornado.printKernel=True prints its code, --backend cpu does without", e);
    }

    private static String line(Throwable e) {
        String said = Installation.plain(String.valueOf(e.getMessage()));
        return said.strip().lines().filter(line -> !line.isBlank()).limit(3).map(String::strip)
                .reduce((a, b) -> a + " " + b).orElse("no reason given");
    }
}
