package main

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/sqlstore"
)

// The sample user of the founding documents, and the session with which every server is asked.
const (
	sampleID    = "cf3ddee1-ff24-49e4-a40b-2540333fe992"
	sampleEmail = "bobsession@hbtn.io"
	sampleToken = session.Token("5535d4d7-3d77-4d06-8281-495dc3acfe76")
	cookieName  = "_my_session_id"
	mePath      = "/api/v1/users/me"
)

// sampleTime is when the sample user was made.
var sampleTime = time.Date(2017, time.October, 16, 4, 23, 4, 0, time.UTC)

// sampleBody is how the founding API writes the sample user: 210 bytes.
const sampleBody = "{\n" +
	`  "created_at": "2017-10-16 04:23:04", ` + "\n" +
	`  "email": "bobsession@hbtn.io", ` + "\n" +
	`  "first_name": null, ` + "\n" +
	`  "id": "cf3ddee1-ff24-49e4-a40b-2540333fe992", ` + "\n" +
	`  "last_name": null, ` + "\n" +
	`  "updated_at": "2017-10-16 04:23:04"` + "\n}\n"

// sampleRequest is what the load generator sends, byte for byte.
const sampleRequest = "GET " + mePath + " HTTP/1.1\r\n" +
	"Host: localhost\r\n" +
	"Accept: */*\r\n" +
	"Cookie: " + cookieName + "=" + string(sampleToken) + "\r\n\r\n"

// answerSample sends the bytes and headers that the whole server sends, and does nothing else.
func answerSample(w http.ResponseWriter, _ *http.Request) {
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(sampleBody)))
	_, _ = w.Write([]byte(sampleBody)) // a client that is gone needs no answer
}

// makeSample makes a database with the sample user and the session.
func makeSample(ctx context.Context, folder string) (err error) {
	db, err := openDatabase(ctx, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	id, err := handstamp.ParseID(sampleID)
	if err != nil {
		return err
	}
	return db.Transact(ctx, func(ctx context.Context, tx sqlstore.Tx) error {
		u := account.User{
			ID: id, Email: sampleEmail, EmailKey: account.VerbatimKey(sampleEmail),
			CreatedAt: sampleTime, UpdatedAt: sampleTime,
		}
		if err := tx.InsertUser(ctx, u); err != nil {
			return err
		}
		return tx.InsertSession(ctx, newSession(id, sampleToken))
	})
}
