package seer.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import seer.gate.AttnGateWriter;
import seer.gate.GateThresholds;
import seer.gate.ThresholdSearch;
import seer.model.load.WeightSketch;

/// Where a calibration leaves what it finds: the adapter's configuration.
///
/// A search takes minutes to hours. What it has found is stored as it goes on, so that one that is ended, or that its
/// device has no more memory for, has lost nothing.
final class CalibrationStore {
    private final Path folder;
    private final List<Integer> lengths;
    private final GateThresholds before; // null where there were none
    private final WeightSketch sketch; // null to leave it as it is
    private boolean written;

    /// @param lengths that are calibrated, rising
    CalibrationStore(Workbench bench, List<Integer> lengths) {
        var config = bench.gate().config();
        this.folder = bench.gateFolder();
        this.lengths = lengths;
        this.before = config.thresholds();
        this.sketch = bench.model().sha256().equalsIgnoreCase(config.baseModelSha256()) ? bench.model().sketch() : null;
    }

    Path file() {
        return folder.resolve("config.json");
    }

    /// Whether something was stored.
    boolean hasWritten() {
        return written;
    }

    /// Stores what was found of the first lengths; the others keep what they had.
    ///
    /// @param how it was found
    void write(List<ThresholdSearch> found, ObjectNode how) {
        var each = new ArrayList<>(found.stream().map(ThresholdSearch::thresholds).toList());
        var first = each.getFirst();
        for (int length : lengths.subList(found.size(), lengths.size())) {
            if (before == null || before.at(length).size() != first.values().size()) {
                break; // none to keep, or of another kind
            }
            each.add(new GateThresholds(List.of(), before.at(length), first.keepFirst(), first.correction()));
        }
        AttnGateWriter.calibrate(folder, GateThresholds.of(lengths.subList(0, each.size()), each), sketch, how);
        written = true;
    }
}
