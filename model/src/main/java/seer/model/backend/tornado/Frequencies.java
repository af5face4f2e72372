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
    private final Map<Key, Turns> turns = new HashMap<>();

    /// One rotation on the device, see [Rope].
    record Turns(Place whole, Place rest) { }

    /// A rotation by what it does. A rotation and the one back have the same hash, where columns are many and even: a
    /// sign is one bit, and an even number of them add up to none. So the hash alone names nothing.
    private record Key(Rotary rotary) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && key.rotary().scale() == rotary.scale()
                    && Arrays.equals(key.rotary().inverseFrequency(), rotary.inverseFrequency());
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(rotary.inverseFrequency()) * 31 + Double.hashCode(rotary.scale());
        }
    }

    /// @param arena of the whole backend
    Frequencies(DeviceArena arena) {
        this.arena = arena;
    }

    Turns of(Rotary rotary) {
        return turns.computeIfAbsent(new Key(rotary), _ -> bring(rotary));
    }

    private Turns bring(Rotary rotary) {
        int half = rotary.width() / 2;
        var whole = new int[half];
        var rest = new float[half + 1];
        for (int i = 0; i < half; i++) {
            whole[i] = Rope.turns(rotary.inverseFrequency()[i]);
            rest[i] = Rope.rest(rotary.inverseFrequency()[i]);
        }
        rest[half] = (float) rotary.scale();
        return new Turns(arena.integers(whole), arena.floats(rest));
    }
}
