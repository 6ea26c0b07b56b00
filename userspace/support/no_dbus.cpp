// SPDX-License-Identifier: MIT
//
// For the static build. libpcap.a can also capture from the D-Bus, and so asks for libraries that
// have no static form. We only read files: these take the place of its module for that.

struct pcap;

extern "C" {

int dbus_findalldevs(void* /*devices*/, char* /*error*/);
pcap* dbus_create(const char* device, char* error, int* is_ours);

int dbus_findalldevs(void* /*devices*/, char* /*error*/) {
    return 0;
}

pcap* dbus_create(const char* /*device*/, char* /*error*/, int* is_ours) {
    *is_ours = 0;
    return nullptr;
}
}
