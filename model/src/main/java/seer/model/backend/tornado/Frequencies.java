package seer.model.backend.tornado;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import seer.kernels.layer.Rope;
import seer.model.backend.Rotary;

/// The frequencies of rotations, brought to the device once each.
final class Frequencies {
    private final Device device;
    private final Map<Integer, Turns> turns = new HashMap<>(); // by hash of the frequencies

    /// One rotation on the device, see [Rope].
    record Turns(Rotary rotary, int turnsAt, DeviceTensor rest, Object owner) { }

    Frequencies(Device device) {
        this.device = device;
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
        var owner = new Object();
        int at = device.integers().take(half, owner);
        device.writeIntegers(whole, at);
        var fraction = new DeviceTensor(device, half + 1, half + 1);
        device.write(rest, fraction.offset());
        var made = new Turns(rotary, at, fraction, owner);
        turns.put(key, made);
        return made;
    }
}
