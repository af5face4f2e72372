package seer.model.backend.tornado;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import seer.kernels.layer.Rope;
import seer.model.backend.Rotary;
import seer.model.backend.tornado.device.DeviceArena;
import seer.model.backend.tornado.device.Place;

/// The frequencies of rotations, brought to the device once each.
final class Frequencies {
    private final DeviceArena arena;
    private final Map<Integer, Turns> turns = new HashMap<>(); // by hash of the frequencies

    /// One rotation on the device, see [Rope].
    record Turns(Rotary rotary, Place whole, Place rest) { }

    /// @param arena of the whole backend
    Frequencies(DeviceArena arena) {
        this.arena = arena;
    }

    Turns of(Rotary rotary) {
        int key = Arrays.hashCode(rotary.inverseFrequency()) * 31 + Double.hashCode(rotary.scale());
        Turns known = turns.get(key);
        if (known != null && known.rotary().scale() == rotary.scale()
                && Arrays.equals(known.rotary().inverseFrequency(), rotary.inverseFrequency())) {
            return known;
        }
        int half = rotary.width() / 2;
        var whole = new int[half];
        var rest = new float[half + 1];
        for (int i = 0; i < half; i++) {
            whole[i] = Rope.turns(rotary.inverseFrequency()[i]);
            rest[i] = Rope.rest(rotary.inverseFrequency()[i]);
        }
        rest[half] = (float) rotary.scale();
        var made = new Turns(rotary, arena.integers(whole), arena.floats(rest));
        turns.put(key, made);
        return made;
    }
}
