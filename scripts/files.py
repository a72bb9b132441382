# files.py: files onto a device and back, whole or not at all.
#
# A file is written beside its place, under a temporary name, read back and
# compared with the digest that the rig sent, and only then renamed. FAT has no
# rename over a file: the old one goes first. If the power fails in between,
# the temporary file is right and begin() finds it.
import binascii
import gc
import hashlib
import os

try:
    _files.close()  # a rig that broke off left its file open
except (NameError, AttributeError, OSError):
    pass


class _Files:
    def __init__(self):
        self.file = None

    def close(self):
        f, self.file = self.file, None
        if f:
            f.close()

    def size(self, path):
        return os.stat(path)[6]

    # read calls take(portion) for each portion of a file, and returns the
    # file's SHA-256 in hex.
    def read(self, path, take=None):
        h = hashlib.sha256()
        buf = memoryview(bytearray(1536))
        with open(path, "rb") as f:
            while True:
                n = f.readinto(buf)
                if not n:
                    return binascii.hexlify(h.digest()).decode()
                h.update(buf[:n])
                if take:
                    take(buf[:n])

    def right(self, path, size, digest):
        try:
            return os.stat(path)[6] == size and self.read(path) == digest
        except OSError:
            return False

    # begin prints what is to do: nothing ("same"), rename ("whole"), or to
    # write; then it prints the free memory.
    def begin(self, path, part, size, digest):
        self.close()
        if self.right(path, size, digest):
            print("same")
        elif self.right(part, size, digest):
            print("whole")
        else:
            self.folders(path)
            self.file = open(part, "wb")
            gc.collect()
            print(gc.mem_free())

    def folders(self, path):
        at = path.find("/", 1)
        while at > 0:
            try:
                os.mkdir(path[:at])
            except OSError:
                pass  # it is there, or open() will say why it can not be
            at = path.find("/", at + 1)

    def w(self, data):
        self.file.write(data)

    # b is w for a line on which only ASCII passes.
    def b(self, data):
        self.w(binascii.a2b_base64(data))

    def end(self, path, part, size, digest):
        self.close()
        if not self.right(part, size, digest):
            os.remove(part)
            print("wrong")
            return
        try:
            os.rename(part, path)
        except OSError:
            os.remove(path)
            os.rename(part, path)
        self.sync()
        print("done")

    def sync(self):
        if hasattr(os, "sync"):
            os.sync()

    def remove(self, path):
        os.remove(path)
        self.sync()

    # get prints a file in lines of base64, and last its digest.
    def get(self, path):
        print(self.read(path, lambda p: print(binascii.b2a_base64(p).decode(), end="")))


_files = _Files()
