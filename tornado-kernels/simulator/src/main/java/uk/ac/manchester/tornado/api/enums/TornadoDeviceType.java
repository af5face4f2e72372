package uk.ac.manchester.tornado.api.enums;

/// The kind of a device. The simulator's device is [#CUSTOM]: neither CPU nor GPU times mean anything.
public enum TornadoDeviceType {
    UNKNOWN, DEFAULT, CPU, GPU, FPGA, ACCELERATOR, CUSTOM, ALL
}
