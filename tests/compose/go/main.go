// A Go program for wasip1 that knows nothing of Isthmus: it dials through the library github.com/stealthrocket/net, or listens.
//
//	go dial HOST:PORT BYTES    writes and reads so many at the same time, keeps all it has read, and checks it
//	go listen :PORT COUNT      echoes so many connections
package main

import (
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/stealthrocket/net/wasip1"
)

func fail(what string, err error) {
	fmt.Println(what, err)
	os.Exit(1)
}

func byteOf(at int) byte { return byte(at*7 + at>>8) }

func dial(address string, all int) {
	c, err := wasip1.Dial("tcp", address)
	if err != nil {
		fail("dial:", err)
	}
	go func() {
		for at := 0; at < all; {
			block := make([]byte, min(100000, all-at))
			for i := range block {
				block[i] = byteOf(at + i)
			}
			n, err := c.Write(block)
			if err != nil {
				fail("write:", err)
			}
			at += n
		}
		c.(interface{ CloseWrite() error }).CloseWrite()
	}()
	got, err := io.ReadAll(c)
	if err != nil {
		fail("read:", err)
	}
	for i, b := range got {
		if b != byteOf(i) {
			fail("wrong byte at", fmt.Errorf("%d", i))
		}
	}
	fmt.Printf("%v echoed %d bytes\n", c.RemoteAddr(), len(got))
}

func listen(address string, count int) {
	l, err := wasip1.Listen("tcp", address)
	if err != nil {
		fail("listen:", err)
	}
	done := make(chan error)
	for i := 0; i < count; i++ {
		c, err := l.Accept()
		if err != nil {
			fail("accept:", err)
		}
		go func() {
			_, err := io.Copy(c, c)
			c.Close()
			done <- err
		}()
	}
	for i := 0; i < count; i++ {
		if err := <-done; err != nil {
			fail("copy:", err)
		}
	}
	fmt.Println("served", count)
}

func main() {
	n, err := strconv.Atoi(os.Args[3])
	if err != nil {
		fail("count:", err)
	}
	if os.Args[1] == "dial" {
		dial(os.Args[2], n)
	} else {
		listen(os.Args[2], n)
	}
}
