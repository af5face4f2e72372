package seer.model.backend.tornado;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import seer.kernels.attention.BlockLists;
import seer.model.attention.BlockMask;
import seer.model.backend.tornado.device.Bank;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceMask;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// How many blocks masks keep: summed where they lie, many masks in one launch.
final class Counting {
    private static final int BATCH = 1024;

    private final Device device;
    private final IntArray masks = new IntArray(BATCH * BlockLists.MASK);
    private final IntArray kept = new IntArray(BATCH);

    Counting(Device device) {
        this.device = device;
    }

    long[] kept(List<BlockMask> all) {
        var counts = new long[all.size()];
        Map<Bank, List<Integer>> open = new HashMap<>(); // by bank, those that only the device knows
        for (int i = 0; i < counts.length; i++) {
            if (all.get(i) instanceof DeviceMask mask && !mask.isCounted()) {
                open.computeIfAbsent(mask.startAt().bank(), bank -> new ArrayList<>()).add(i);
            } else {
                counts[i] = all.get(i).kept();
            }
        }
        open.forEach((bank, some) -> {
            for (int from = 0; from < some.size(); from += BATCH) {
                count(bank, all, some.subList(from, Math.min(some.size(), from + BATCH)), counts);
            }
        });
        return counts;
    }

    private void count(Bank bank, List<BlockMask> all, List<Integer> some, long[] counts) {
        Operation count = device.operation("count", () -> new Operation("count").sends(masks).fetches(kept)
                .step((graph, id, step) -> graph.task(id, BlockLists::count, new KernelContext(),
                        step.integers(BlockLists.P_START), masks, kept, step.p())));
        for (int i = 0; i < some.size(); i++) {
            var mask = (DeviceMask) all.get(some.get(i));
            masks.set(i * BlockLists.MASK, mask.startAt().first());
            masks.set(i * BlockLists.MASK + 1, mask.endAt().first());
            masks.set(i * BlockLists.MASK + 2, mask.heads() * mask.rows());
        }
        count.step(0).put(BlockLists.P_START, new Place(bank, 0)).groups(some.size(), 1, 1, BlockLists.GROUP);
        device.run(count);
        for (int i = 0; i < some.size(); i++) {
            counts[some.get(i)] = kept.get(i);
        }
    }
}
