package seer.gate.tune;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import seer.gate.AttnGate;

/// The hash of gates' weights: a run goes on only with those it began with.
final class Fingerprint {
    private Fingerprint() { }

    static String of(AttnGate gate) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            for (var weights : gate.weights()) {
                var bytes = ByteBuffer.allocate(Math.multiplyExact(Float.BYTES, weights.values().length));
                bytes.asFloatBuffer().put(weights.values());
                digest.update(bytes);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
