package seer.model.backend.tornado;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import seer.model.backend.BackendUnavailableException;
import seer.model.backend.DeviceInfo;
import seer.model.backend.RungInfo;
import seer.model.backend.tornado.sdk.Installation;

/// The kernels that operations choose from, the fastest first: for any [Work] the first that fits it and the device.
///
/// A new kernel is a new entry: in [ProductRungs], [AttentionRungs], [GateRungs] or their siblings for tiles, above
/// those that it is faster than.
final class Rungs {
    /// All that there are.
    static final List<Rung<?>> ALL = Stream.of(ProductRungs.all(), TileProductRungs.all(), TileRungs.all(),
                    AttentionRungs.all(), GateRungs.all())
            .<Rung<?>>flatMap(List::stream).toList();

    private final List<Rung<?>> rungs;
    private final DeviceInfo device;
    private final Map<String, TreeSet<String>> taken = new TreeMap<>(); // by operation

    Rungs(List<Rung<?>> rungs, DeviceInfo device) {
        this.rungs = rungs;
        this.device = device;
    }

    /// The kernel for this work, if there is one.
    <W extends Work> Optional<Rung<W>> find(W work) {
        Optional<Rung<W>> found = fitting(work).filter(rung -> rung.obstacle(device) == null).findFirst();
        found.ifPresent(rung -> note(work, rung.name()));
        return found;
    }

    /// The kernel for this work.
    ///
    /// @throws BackendUnavailableException saying what keeps the last resort from running
    <W extends Work> Rung<W> take(W work) {
        return find(work).orElseThrow(() -> {
            String operation = Work.NAMES.get(work.getClass());
            String reason = fitting(work).reduce((above, below) -> below)
                    .map(last -> "kernel '" + last.name() + "' of '" + operation + "' does not run on this device: "
                            + last.obstacle(device))
                    .orElse("no kernel of '" + operation + "' fits " + work);
            return new BackendUnavailableException(Installation.NAME, reason, "run on --backend cpu");
        });
    }

    @SuppressWarnings("unchecked") // a rung's class says what it takes
    private <W extends Work> Stream<Rung<W>> fitting(W work) {
        return rungs.stream().filter(rung -> rung.work() == work.getClass()).map(rung -> (Rung<W>) rung)
                .filter(rung -> rung.fits().test(work));
    }

    /// Notes what was taken for an operation, where it was not [#find].
    void note(Work work, String name) {
        taken.computeIfAbsent(Work.NAMES.get(work.getClass()), operation -> new TreeSet<>()).add(name);
    }

    /// The kernels taken so far, by operation.
    Map<String, String> taken() {
        var names = new TreeMap<String, String>();
        taken.forEach((operation, some) -> names.put(operation, String.join(", ", some)));
        return names;
    }

    /// All kernels, and what keeps a device from running them.
    ///
    /// @param info null: no device is known
    static List<RungInfo> describe(DeviceInfo info) {
        return ALL.stream().map(rung -> rung.describe(info)).toList();
    }
}
