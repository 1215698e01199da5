// SPDX-License-Identifier: GPL-2.0
/*
 * The handshake file: see uapi/linux/tquic_hs.h.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/tquic_hs.h>
#include <linux/uaccess.h>

#include "sess.h"

/* bytes of CRYPTO frames in a message to the agent, at most */
#define TQUIC_HS_FILE_READ_MAX	(16384 - sizeof(struct tquic_hs_msg))
#define TQUIC_HS_FILE_TPARAMS_MAX	2048

static u8 tquic_hs_file_level(enum tquic_pkt_type type)
{
	switch (type) {
	case TQUIC_PKT_INITIAL:
		return TQUIC_HS_INITIAL;
	case TQUIC_PKT_HANDSHAKE:
		return TQUIC_HS_HANDSHAKE;
	default:
		return TQUIC_HS_APPLICATION;
	}
}

/* A server's agent learns once that the handshake is confirmed. */
static bool tquic_hs_file_confirmed(struct tquic_hs *hs,
				    struct tquic_sess *sess)
{
	bool confirmed;

	if (test_bit(TQUIC_HS_F_CONFIRMED, &hs->flags))
		return false;
	tquic_sess_lock(sess);
	confirmed = sess->core->server && sess->core->confirmed;
	tquic_sess_unlock(sess);
	if (confirmed)
		set_bit(TQUIC_HS_F_CONFIRMED, &hs->flags);
	return confirmed;
}

/* The next message into @msg, @room bytes behind it; false for none. */
static bool tquic_hs_file_next(struct tquic_hs *hs, struct tquic_sess *sess,
			       struct tquic_hs_msg *msg, u32 room)
{
	enum tquic_pkt_type type = TQUIC_PKT_INITIAL;

	/*
	 * Before the look, which takes the session's lock: what comes after it
	 * is news again.
	 */
	clear_bit(TQUIC_HS_F_NEWS, &hs->flags);
	*msg = (struct tquic_hs_msg){ .type = TQUIC_HS_CRYPTO };
	msg->len = tquic_sess_hs_read(sess, &type, (u8 *)(msg + 1), room);
	if (msg->len) {
		msg->level = tquic_hs_file_level(type);
	} else if (tquic_hs_file_confirmed(hs, sess)) {
		msg->type = TQUIC_HS_CONFIRMED;
		msg->level = TQUIC_HS_APPLICATION;
	} else {
		return false;
	}
	/* there may be more */
	set_bit(TQUIC_HS_F_NEWS, &hs->flags);
	return true;
}

/* One try: bytes, 0 for the end, -EAGAIN for nothing yet. */
static ssize_t tquic_hs_file_read_once(struct tquic_hs *hs,
				       struct tquic_hs_msg *msg, u32 room,
				       char __user *to)
{
	struct tquic_sess *sess;
	ssize_t ret = -EAGAIN;

	if (mutex_lock_interruptible(&hs->io))
		return -ERESTARTSYS;
	sess = tquic_hs_sess(hs);
	if (!sess) {
		ret = 0;
	} else if (tquic_hs_file_next(hs, sess, msg, room)) {
		ret = sizeof(*msg) + msg->len;
		if (copy_to_user(to, msg, ret))
			ret = -EFAULT;
	}
	mutex_unlock(&hs->io);
	if (sess)
		tquic_sess_put(sess);
	return ret;
}

static ssize_t tquic_hs_file_read(struct file *file, char __user *to,
				  size_t count, loff_t *pos)
{
	struct tquic_hs *hs = file->private_data;
	struct tquic_hs_msg *msg;
	ssize_t ret;
	u32 room;

	if (count <= sizeof(*msg))
		return -EINVAL;
	room = min(count - sizeof(*msg), TQUIC_HS_FILE_READ_MAX);
	msg = kmalloc(sizeof(*msg) + room, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	for (;;) {
		ret = tquic_hs_file_read_once(hs, msg, room, to);
		if (ret != -EAGAIN || file->f_flags & O_NONBLOCK)
			break;
		ret = wait_event_interruptible(hs->wq,
					       test_bit(TQUIC_HS_F_NEWS,
							&hs->flags) ||
					       !tquic_hs_listens(hs));
		if (ret)
			break;
	}
	kfree(msg);
	return ret;
}

/* One message from user space; returns its bytes or -errno. */
static ssize_t tquic_hs_file_write_one(struct tquic_hs *hs,
				       const char __user *from, size_t count)
{
	struct tquic_sess *sess;
	struct tquic_hs_msg msg;
	void *data = NULL;
	int err;

	if (count < sizeof(msg))
		return -EINVAL;
	if (copy_from_user(&msg, from, sizeof(msg)))
		return -EFAULT;
	if (msg.len > TQUIC_HS_MSG_MAX - sizeof(msg) ||
	    msg.len > count - sizeof(msg))
		return -EMSGSIZE;
	sess = tquic_hs_sess(hs);
	if (!sess)
		return -EPIPE;
	if (msg.len) {
		data = vmemdup_user(from + sizeof(msg), msg.len);
		if (IS_ERR(data)) {
			err = PTR_ERR(data);
			data = NULL;
			goto out;
		}
	}
	err = tquic_hs_msg_act(hs, sess, &msg, data);
	if (err)
		tquic_hs_fail(hs, err, 0,
			      "a message of the handshake agent was refused");
out:
	/* it may have been a secret */
	kvfree_sensitive(data, msg.len);
	tquic_sess_put(sess);
	return err ?: sizeof(msg) + msg.len;
}

static ssize_t tquic_hs_file_write(struct file *file, const char __user *from,
				   size_t count, loff_t *pos)
{
	struct tquic_hs *hs = file->private_data;
	struct tquic_sess *sess;
	size_t done = 0;
	ssize_t ret = 0;

	if (mutex_lock_interruptible(&hs->io))
		return -ERESTARTSYS;
	sess = tquic_hs_sess(hs);
	/* Initial and Handshake bytes of one write share datagrams */
	if (sess)
		tquic_sess_hs_cork(sess, true);
	while (done < count) {
		ret = tquic_hs_file_write_one(hs, from + done, count - done);
		if (ret < 0)
			break;
		done += ret;
		cond_resched();
	}
	if (sess) {
		tquic_sess_hs_cork(sess, false);
		tquic_sess_put(sess);
	}
	mutex_unlock(&hs->io);
	return done ?: ret;
}

static int tquic_hs_file_tparams(struct tquic_hs *hs, struct tquic_sess *sess,
				 struct tquic_hs_tparams __user *to)
{
	struct tquic_hs_tparams arg;
	u8 *buf;
	int ret;

	if (copy_from_user(&arg, to, sizeof(arg)))
		return -EFAULT;
	if (arg.pad)
		return -EINVAL;
	buf = kmalloc(TQUIC_HS_FILE_TPARAMS_MAX, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	arg.len = min_t(u32, arg.len, TQUIC_HS_FILE_TPARAMS_MAX);
	ret = tquic_sess_hs_announce(sess, buf, arg.len);
	if (ret >= 0) {
		arg.len = ret;
		ret = 0;
		if (copy_to_user(u64_to_user_ptr(arg.buf), buf, arg.len) ||
		    copy_to_user(to, &arg, sizeof(arg)))
			ret = -EFAULT;
	}
	kfree(buf);
	return ret;
}

static long tquic_hs_file_ioctl(struct file *file, unsigned int cmd,
				unsigned long arg)
{
	struct tquic_hs *hs = file->private_data;
	struct tquic_sess *sess;
	int ret = -EPIPE;

	if (cmd != TQUIC_HS_GET_TPARAMS)
		return -ENOTTY;
	if (mutex_lock_interruptible(&hs->io))
		return -ERESTARTSYS;
	sess = tquic_hs_sess(hs);
	if (sess) {
		ret = tquic_hs_file_tparams(hs, sess, (void __user *)arg);
		tquic_sess_put(sess);
	}
	mutex_unlock(&hs->io);
	return ret;
}

static __poll_t tquic_hs_file_poll(struct file *file, poll_table *wait)
{
	struct tquic_hs *hs = file->private_data;
	__poll_t mask = EPOLLOUT | EPOLLWRNORM;

	poll_wait(file, &hs->wq, wait);
	if (!tquic_hs_listens(hs))
		return EPOLLIN | EPOLLRDNORM | EPOLLHUP;
	if (test_bit(TQUIC_HS_F_NEWS, &hs->flags))
		mask |= EPOLLIN | EPOLLRDNORM;
	return mask;
}

static int tquic_hs_file_release(struct inode *inode, struct file *file)
{
	tquic_hs_release(file->private_data);
	return 0;
}

static const struct file_operations tquic_hs_file_ops = {
	.owner = THIS_MODULE,
	.read = tquic_hs_file_read,
	.write = tquic_hs_file_write,
	.poll = tquic_hs_file_poll,
	.unlocked_ioctl = tquic_hs_file_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.release = tquic_hs_file_release,
};

/**
 * tquic_hs_file_new - the file of a handshake that was taken
 * @hs: handshake; on success the caller's reference is the file's
 *
 * Return: a file that does not block, or ERR_PTR().
 */
struct file *tquic_hs_file_new(struct tquic_hs *hs)
{
	return anon_inode_getfile("[tquic-handshake]", &tquic_hs_file_ops, hs,
				  O_RDWR | O_NONBLOCK);
}
