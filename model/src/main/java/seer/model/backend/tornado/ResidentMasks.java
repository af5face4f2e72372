package seer.model.backend.tornado;

import java.lang.ref.WeakReference;
import seer.kernels.attention.OneQueryAttention;
import seer.model.attention.BlockMask;
import seer.model.backend.tornado.device.DeviceArena;
import seer.model.backend.tornado.device.DeviceMask;
import seer.model.backend.tornado.device.Step;

/// Block masks as attention reads them: those of the device as they are, those of the host as a copy, which lives in
/// the memory of whoever attends until another mask comes. All layers of a chunk may share one.
final class ResidentMasks {
    private final Selection selection;
    private WeakReference<BlockMask> last = new WeakReference<>(null);
    private DeviceArena copies;
    private DeviceMask copy; // of the last mask

    ResidentMasks(Selection selection) {
        this.selection = selection;
    }

    /// @param arena of those who attend
    DeviceMask of(BlockMask mask, DeviceArena arena) {
        if (mask instanceof DeviceMask own) {
            return own;
        }
        if (last.get() != mask || !copies.isOpen()) {
            if (copies != null) {
                copies.close();
            }
            copies = arena.within("its mask");
            copy = selection.resident(mask, copies);
            last = new WeakReference<>(mask);
        }
        return copy;
    }

    /// Tells a step of [OneQueryAttention] the lists of one row.
    void list(BlockMask row, DeviceArena arena, Step step) {
        DeviceMask lists = of(row, arena);
        step.put(OneQueryAttention.P_LISTS, row.heads()).put(OneQueryAttention.P_START, lists.startAt())
                .put(OneQueryAttention.P_END, lists.endAt().first())
                .put(OneQueryAttention.P_INDEX, lists.indexAt());
    }
}
