package seer.run;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import picocli.CommandLine.Option;
import seer.model.Backends;
import seer.run.cluster.DeviceCrew;
import seer.run.cluster.ModelPlace;

/// Which devices of this machine share the work.
final class DeviceOptions {
    private static final String NAME = "(?:\\d{1,4}:)?\\d{1,4}";

    @Option(names = "--devices", paramLabel = "ID", split = ",",
            description = "Share the work among these devices of TornadoVM's, named as seer devices lists them, 1 "
                    + "being 0:1; each but the first has a process of its own (default: the default device alone).")
    private List<String> ids = List.of();

    private boolean twice;

    /// Of what a device may do for several processes at once, as the host is slower than it.
    DeviceOptions perhapsTwice() {
        twice = true;
        return this;
    }

    boolean asked() {
        return !ids.isEmpty();
    }

    /// Checks what can be checked without a device.
    void check(BackendOptions backend) {
        var seen = new HashSet<String>();
        for (String id : ids) {
            if (!id.matches(NAME)) {
                throw new UsageException("--devices has \"" + id + "\", wanted names such as 0 or 0:1");
            }
            if (!seen.add(whole(id)) && !twice) {
                throw new UsageException("--devices has device " + whole(id) + " twice, wanted each once");
            }
        }
        if (asked() && backend.isInt8()) {
            throw new UsageException("--devices with --precision int8, in which the cpu alone computes");
        }
        if (asked() && !backend.mayBeTornado()) {
            throw new UsageException("--devices with --backend " + backend.name() + ", which has no second device, "
                    + "wanted --backend tornado");
        }
    }

    private static String whole(String id) {
        return (id.contains(":") ? "" : "0:") + id;
    }

    /// Takes the first for this process, before anything computes, and starts processes for the others.
    ///
    /// @param model that all of them open
    /// @param halves whether bf16 is taken where it suits the model
    /// @return null where no devices are named
    DeviceCrew start(BackendOptions backend, Path model, boolean halves) {
        check(backend);
        if (!asked()) {
            return null;
        }
        String reason = System.getProperty(BackendOptions.REASON);
        if (reason == null) {
            Backends.takeDevice(whole(ids.getFirst()));
            reason = backend.cpuInstead();
        }
        if (reason != null) {
            throw new UsageException("--devices " + String.join(",", ids) + " with backend auto, which takes cpu here, "
                    + "as " + reason + "; wanted --backend tornado");
        }
        var place = backend.place(model, null, null, halves);
        return DeviceCrew.start(new ModelPlace(place.model(), null, null, "tornado", backend.threads(),
                place.precision()), ids.stream().skip(1).map(DeviceOptions::whole).toList());
    }
}
